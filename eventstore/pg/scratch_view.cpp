#include "eventstore/pg/scratch_view.hpp"

#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/view_sql.hpp"

namespace skald::store {
namespace {

constexpr const char* kRelation = "pg_temp.folded";

const Statement kPlaces{"",
                        R"sql(
select c.position, coalesce(tail.position, 0)
from skald.ownership o
     left join skald.view_checkpoint c on c.generation = $1 and c.partition = o.partition
     left join lateral (select position from skald.event e where e.partition = o.partition
                        order by position desc limit 1) tail on true
order by o.partition
)sql",
                        {pgtype::kInt8}};
const Statement kNow{"", "select clock_timestamp()", {}};

// Times are written as texts where they differ.
constexpr const char* kSettings =
    "set timezone = 'UTC'; set datestyle = 'ISO'; set client_min_messages = warning";

std::vector<Oid> key_types(const ViewTable& table) {
  return std::vector<Oid>(table.key_columns(), pgtype::kTextArray);
}

}  // namespace

ScratchView::ScratchView(BlockingConnection database, const ViewTable& table)
    : database_(std::move(database)),
      table_(table),
      merge_(view_sql::merge(table, kRelation)),
      remove_(view_sql::remove(table, kRelation)) {}

Result<ScratchView> ScratchView::make(const std::string& conninfo, const ViewTable& table) {
  auto database = BlockingConnection::open(conninfo);
  if (!database) return database.error();
  if (auto set = database->run(kSettings); !set) return set.error();
  const auto made = database->run("create temporary table folded (" + view_sql::columns_of(table) + ")");
  if (!made) return made.error();
  return ScratchView(std::move(*database), table);
}

Result<void> ScratchView::write(const std::string& sql, const std::vector<Oid>& types,
                                const Parameters& parameters) {
  const auto written = database_.query({"", sql.c_str(), types}, parameters);
  return written ? Result<void>() : written.error();
}

// In the order of ViewWriter: what goes, then what comes.
Result<void> ScratchView::merge(const std::vector<RowChange>& changes) {
  const auto [gone, merged] = view_sql::gone_and_merged(changes);
  if (!gone.empty())
    if (auto done = write(remove_, key_types(table_), view_sql::remove_parameters(table_, gone)); !done)
      return done;
  if (merged.empty()) return {};
  return write(merge_, view_sql::merge_types(table_), view_sql::merge_parameters(table_, merged));
}

Result<void> ScratchView::rows(const std::function<Result<void>(std::vector<Cell>)>& take) {
  const std::string sql = "select " + view_sql::shown_columns(table_, "t.") + " from " + kRelation +
                          " t order by " + view_sql::key_list(table_, "t.");
  return database_.stream({"", sql.c_str(), {}}, {},
                          [&](const Rows& rows) { return take(view_sql::read_row(table_, rows, 0, 0)); });
}

Result<Timestamp> ScratchView::now() {
  const auto rows = database_.query(kNow);
  if (!rows) return rows.error();
  return rows->time(0, 0);
}

Result<std::vector<ViewPlace>> ScratchView::places(Generation generation) {
  Parameters asked;
  asked.add(generation);
  const auto rows = database_.query(kPlaces, asked);
  if (!rows) return rows.error();
  return rows->each([](const Rows& each, int row) {
    return ViewPlace{each.is_null(row, 0) ? std::nullopt : std::optional(each.int8(row, 0)),
                     each.int8(row, 1)};
  });
}

Result<void> ScratchView::hold_moment() {
  const auto begun = database_.run("begin isolation level repeatable read");
  return begun ? Result<void>() : begun.error();
}

Result<void> ScratchView::compare(Generation generation,
                                  const std::function<Result<void>(const ViewDifference&)>& take) {
  if (auto told = database_.run("analyze folded"); !told) return told.error();
  const std::string sql = view_sql::differences(table_, view_sql::relation_of(table_, generation), kRelation);
  const auto names = view_sql::compared_names(table_);
  const int keys = static_cast<int>(table_.key_columns());
  return database_.stream({"", sql.c_str(), {}}, {}, [&](const Rows& rows) -> Result<void> {
    ViewDifference found;
    for (int i = 0; i < keys; ++i) found.key.push_back(rows.text(0, 2 + i));
    if (!rows.boolean(0, 0) || !rows.boolean(0, 1)) {
      found.kind = rows.boolean(0, 0) ? ViewDifference::Kind::TooMuch : ViewDifference::Kind::Missing;
      return take(found);
    }
    int column = 2 + keys;
    for (const auto& name : names) {
      if (rows.boolean(0, column)) {
        found.column = name;
        found.kept = rows.optional_text(0, column + 1);
        found.folded = rows.optional_text(0, column + 2);
        if (auto taken = take(found); !taken) return taken;
      }
      column += 3;
    }
    return {};
  });
}

}  // namespace skald::store
