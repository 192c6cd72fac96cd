#include "eventstore/pg/pg_view_store.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/pg/statements.hpp"
#include "eventstore/pg/stored_rows.hpp"
#include "eventstore/pg/view_sql.hpp"

namespace skald::store {

namespace {

// Hands on a failure, or what `read` makes of the rows.
template <class T, class Read>
std::function<void(Result<Rows>)> answered_by(Done<T> done, Read read) {
  return [done = std::move(done), read = std::move(read)](Result<Rows> rows) {
    if (!rows) return done(rows.error());
    done(read(*rows));
  };
}

std::vector<StoredEvent> read_event_rows(const Rows& rows) {
  return rows.each(read_event_row);
}

ArrayParameter numbers_of(const std::vector<Partition>& partitions) {
  ArrayParameter numbers(pgtype::kInt2);
  for (const auto partition : partitions) numbers.add(static_cast<std::int16_t>(partition.number));
  return numbers;
}

std::optional<std::int64_t> optional_int8(const Rows& rows, int row, int column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return rows.int8(row, column);
}

// "3-17 4-9"
std::vector<Position> positions_of(const std::string& text) {
  std::vector<Position> positions;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (const auto position = parse_position(text.substr(begin, end - begin))) positions.push_back(*position);
    begin = end + 1;
  }
  return positions;
}

std::optional<ViewRegistry> read_registry(const Rows& rows) {
  if (rows.count() == 0) return std::nullopt;
  ViewRegistry registry;
  for (int row = 0; row < rows.count(); ++row) {
    registry.revision = rows.int8(row, 0);
    if (rows.is_null(row, 1)) continue;
    ViewGeneration generation;
    generation.number = rows.int8(row, 1);
    generation.view = rows.text(row, 2);
    generation.hash = rows.text(row, 3);
    generation.source = rows.text(row, 4);
    generation.active = !rows.is_null(row, 5) && rows.boolean(row, 5);
    generation.indexed = rows.boolean(row, 6);
    if (!rows.is_null(row, 7))
      generation.stop = ViewStop{{rows.partition(row, 7), rows.int8(row, 8)}, rows.text(row, 9)};
    generation.made_at = rows.time(row, 10);
    generation.rows_before = optional_int8(rows, row, 11);
    generation.rows_after = optional_int8(rows, row, 12);
    generation.rows_different = optional_int8(rows, row, 13);
    generation.skipped = positions_of(rows.optional_text(row, 14).value_or(""));
    registry.generations.push_back(std::move(generation));
  }
  return registry;
}

ViewPage read_page(const ViewTable& table, const Rows& rows) {
  ViewPage page;
  if (rows.count() == 0) return page;
  if (!rows.is_null(0, 0)) page.active = rows.int8(0, 0);
  if (!rows.is_null(0, 1)) page.position = rows.int8(0, 1);
  for (int row = 0; row < rows.count(); ++row) {
    if (rows.is_null(row, 2)) continue;
    page.rows.push_back(view_sql::read_row(table, rows, row, 3));
  }
  return page;
}

bool read_yes(const Rows& rows) {
  return rows.boolean(0, 0);
}

}  // namespace

PgViewStore::PgViewStore(boost::asio::io_context& io, std::string conninfo)
    : io_(io), conninfo_(conninfo), log_(io, conninfo), rows_(io, conninfo), slow_(io, conninfo) {}

void PgViewStore::partition_count(Done<std::uint16_t> done) {
  rows_.query(statements::kPartitionCount, {}, answered_by(std::move(done), [](const Rows& rows) {
                return static_cast<std::uint16_t>(rows.int4(0, 0));
              }));
}

void PgViewStore::list_views(std::int64_t known, Done<std::optional<ViewRegistry>> done) {
  Parameters asked;
  asked.add(known);
  rows_.query(statements::kListViews, std::move(asked), answered_by(std::move(done), read_registry));
}

void PgViewStore::put_view(NewView view, Done<Put> done) {
  rows_.query(statements::kMakeGeneration, view_sql::generation_parameters(view),
              answered_by(std::move(done), [](const Rows& rows) {
                return Put{rows.int8(0, 0), rows.boolean(0, 1)};
              }));
}

void PgViewStore::stop_view(Generation generation, ViewStop stop, Done<bool> done) {
  Parameters asked;
  asked.add(generation).add(static_cast<std::int32_t>(stop.place.partition.number)).add(stop.place.number);
  asked.add(std::string_view(stop.reason));
  rows_.query(statements::kStopView, std::move(asked), answered_by(std::move(done), read_yes));
}

void PgViewStore::skip_event(Generation generation, Position place, std::string by, std::string reason,
                             Done<bool> done) {
  Parameters asked;
  asked.add(generation).add(static_cast<std::int32_t>(place.partition.number)).add(place.number);
  asked.add(std::string_view(by)).add(std::string_view(reason));
  rows_.query(statements::kSkipEvent, std::move(asked), answered_by(std::move(done), read_yes));
}

void PgViewStore::make_indexes(Generation generation, ViewTable table, Done<bool> done) {
  Parameters asked;
  ArrayParameter statements(pgtype::kText);
  for (const auto& statement : view_sql::index_statements(table, generation))
    statements.add(std::string_view(statement));
  asked.add(generation).add(std::move(statements));
  slow_.query(statements::kIndexGeneration, std::move(asked), answered_by(std::move(done), read_yes));
}

void PgViewStore::compare(Generation generation, ViewTable table, Done<bool> done) {
  Parameters asked;
  asked.add(generation).add(std::string_view(view_sql::compared_columns(table)));
  slow_.query(statements::kCompare, std::move(asked), answered_by(std::move(done), read_yes));
}

void PgViewStore::switch_to(Generation generation, Done<bool> done) {
  Parameters asked;
  asked.add(generation);
  rows_.query(statements::kSwitchView, std::move(asked), answered_by(std::move(done), read_yes));
}

void PgViewStore::show(ViewTable table, Done<bool> done) {
  Parameters asked;
  asked.add(std::string_view(table.view)).add(std::string_view(view_sql::visible_columns(table)));
  slow_.query(statements::kShowView, std::move(asked), answered_by(std::move(done), read_yes));
}

void PgViewStore::drop_retired(Duration ago, Done<std::int32_t> done) {
  Parameters asked;
  asked.add(std::chrono::duration_cast<std::chrono::milliseconds>(ago).count());
  slow_.query(statements::kDropGenerations, std::move(asked),
              answered_by(std::move(done), [](const Rows& rows) { return rows.int4(0, 0); }));
}

void PgViewStore::checkpoints(std::vector<Partition> partitions, Done<std::vector<Checkpoint>> done) {
  Parameters asked;
  asked.add(numbers_of(partitions));
  rows_.query(
      statements::kCheckpoints, std::move(asked), answered_by(std::move(done), [](const Rows& rows) {
        return rows.each([](const Rows& each, int row) {
          return Checkpoint{each.int8(row, 0), each.partition(row, 1), each.int8(row, 2), each.int8(row, 3)};
        });
      }));
}

void PgViewStore::progress(Generation generation, Done<ViewProgress> done) {
  Parameters asked;
  asked.add(generation);
  rows_.query(statements::kProgress, std::move(asked), [done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(rows.error());
    if (rows->count() == 0) return done(not_found("this generation of the view is gone"));
    done(ViewProgress{rows->int8(0, 0), rows->int8(0, 1), rows->int8(0, 2), rows->boolean(0, 3),
                      rows->optional_time(0, 4), rows->time(0, 5)});
  });
}

void PgViewStore::heads(std::vector<Partition> partitions, Done<std::vector<std::int64_t>> done) {
  Parameters asked;
  asked.add(numbers_of(partitions));
  log_.query(statements::kHeads, std::move(asked), answered_by(std::move(done), [](const Rows& rows) {
               return rows.each([](const Rows& each, int row) { return each.int8(row, 0); });
             }));
}

void PgViewStore::apply(ViewBatch batch, std::function<void(ViewApplied)> done) {
  const auto idle =
      std::find_if(writers_.begin(), writers_.end(), [](const auto& writer) { return !writer->is_busy(); });
  if (idle != writers_.end()) return (*idle)->apply(std::move(batch), std::move(done));
  writers_.push_back(std::make_unique<ViewWriter>(io_, conninfo_, statements_));
  writers_.back()->apply(std::move(batch), std::move(done));
}

void PgViewStore::read(ViewRead read, Done<ViewPage> done) {
  const auto& statement = statements_.read(read);
  auto parameters = view_sql::read_parameters(read);
  rows_.query(statement, std::move(parameters),
              answered_by(std::move(done),
                          [table = read.table](const Rows& rows) { return read_page(*table, rows); }));
}

void PgViewStore::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                                 Done<std::vector<StoredEvent>> done) {
  Parameters asked;
  asked.add(static_cast<std::int32_t>(partition.number)).add(after).add(static_cast<std::int64_t>(limit));
  log_.query(statements::kReadPartition, std::move(asked), answered_by(std::move(done), read_event_rows));
}

void PgViewStore::read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                            Done<std::vector<StoredEvent>> done) {
  Parameters asked;
  asked.add(static_cast<std::int32_t>(saga.partition().number)).add(saga).add(after);
  asked.add(static_cast<std::int64_t>(limit));
  log_.query(statements::kReadSaga, std::move(asked), answered_by(std::move(done), read_event_rows));
}

}  // namespace skald::store
