// skald log stats: how much there is, of what, and where it lies.
#include <iostream>
#include <memory>

#include "api/cli/database_option.hpp"
#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/cli/saga_table.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {
namespace {

struct StatsOptions {
  std::string database_url;
  Format format = Format::Table;
};

// A list of figures: its name, its SQL, and the members of each row.
struct Figures {
  const char* name;
  const char* sql;
  std::vector<const char*> members;
};

// Those of events look through the whole log.
const std::vector<Figures>& all_figures() {
  static const std::vector<Figures> all{
      {"definitions",
       "select definition, count(*), count(*) filter (where ended_at is null), "
       "min(started_at)::text, max(started_at)::text from skald.saga group by definition order by 2 desc, 1",
       {"name", "sagas", "running", "firstStarted", "lastStarted"}},
      {"types",
       "select type, count(*), coalesce(sum(octet_length(data::text)), 0) from skald.event group by type "
       "order by 2 desc, 1",
       {"type", "events", "payloadBytes"}},
      {"partitions",
       "select partition, count(*), count(distinct saga_id), coalesce(max(position), 0) from skald.event "
       "group by partition order by partition",
       {"partition", "events", "sagas", "lastPosition"}},
      {"segments",
       "select relation, first_position, end_position, pg_total_relation_size(relation::regclass), "
       "(select count(*) from skald.saga s "
       " where s.ended_at is null and s.first_position between g.first_position and g.end_position - 1), "
       "case when kept then 'what retention left' end "
       "from skald.segment g order by first_position",
       {"segment", "firstPosition", "endPosition", "bytes", "runningSagas", "note"}},
  };
  return all;
}

Json value_of(const std::optional<std::string>& text) {
  if (!text) return {};
  const bool digits = !text->empty() && text->find_first_not_of("0123456789") == std::string::npos;
  return digits ? Json::number_from_text(*text) : Json(*text);
}

Result<Json> read(store::BlockingConnection& database, const Figures& figures) {
  const auto rows = database.run(figures.sql);
  if (!rows) return rows.error();
  Json::Array items;
  for (const auto& row : *rows) {
    Json::Object item;
    for (std::size_t i = 0; i < figures.members.size(); ++i)
      item.append(figures.members[i], value_of(row[i]));
    items.push_back(std::move(item));
  }
  return Json(std::move(items));
}

std::int64_t sum(const Json& items, const char* member) {
  std::int64_t total = 0;
  for (const auto& item : items.as_array()) total += item.get(member).as_integer().value_or(0);
  return total;
}

void print_figures(const Json& items, const Figures& figures) {
  Table table;
  for (const char* member : figures.members) table.headings.push_back(member);
  for (const auto& item : items.as_array()) {
    auto& row = table.rows.emplace_back();
    for (const char* member : figures.members) row.push_back(cell(item, member));
  }
  std::cout << "\n" << table_text(table);
}

ExitCode stats(const StatsOptions& options) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  auto archive = store::Archive::open(*url);
  if (!archive) return complain(archive.error());
  Json::Object lists;
  for (const auto& figures : all_figures()) {
    const auto items = read(archive->database(), figures);
    if (!items) return complain(items.error());
    lists.append(figures.name, *items);
  }
  const Json known(lists);
  Json::Object document;
  document.append("events", sum(known.get("partitions"), "events"));
  document.append("sagas", sum(known.get("definitions"), "sagas"));
  document.append("bytes", sum(known.get("segments"), "bytes"));
  if (options.format != Format::Table) {
    for (const auto& [name, items] : known.as_object()) document.append(name, items);
    print_document(Json(std::move(document)), options.format);
    return ExitCode::Done;
  }
  for (const auto& [name, value] : document)
    std::cout << name << std::string(8 - name.size(), ' ') << value.dump() << "\n";
  for (const auto& figures : all_figures()) print_figures(known.get(figures.name), figures);
  std::cout << std::flush;
  return ExitCode::Done;
}

}  // namespace

void add_log_stats(CLI::App& log, Chosen& chosen) {
  auto options = std::make_shared<StatsOptions>();
  CLI::App* command =
      log.add_subcommand("stats", "Events, sagas and bytes: by definition, type, partition, segment");
  add_database_option(*command, options->database_url);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return stats(*options); }; });
}

}  // namespace skald::api
