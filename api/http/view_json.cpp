#include "api/http/view_json.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/base/hex.hpp"

namespace skald::api {
namespace {

using runtime::GenerationStatus;
using runtime::ViewStatus;

// Says how to read the rest of a cursor. That of sagas begins with another letter.
constexpr char kViewForm = 'v';

const char* type_name(store::ColumnType type) {
  switch (type) {
    case store::ColumnType::Text: return "text";
    case store::ColumnType::Integer: return "integer";
    case store::ColumnType::Bigint: return "bigint";
    case store::ColumnType::Numeric: return "numeric";
    case store::ColumnType::Boolean: return "boolean";
    case store::ColumnType::Timestamptz: return "timestamptz";
    case store::ColumnType::Uuid: return "uuid";
    case store::ColumnType::Jsonb: return "jsonb";
  }
  return "";
}

Json value_json(const store::ViewColumn& column, const store::Cell& cell) {
  if (!cell) return {};
  switch (column.type) {
    case store::ColumnType::Integer:
    case store::ColumnType::Bigint:
    case store::ColumnType::Numeric: return Json::number_from_text(*cell);
    case store::ColumnType::Boolean: return *cell == "true";
    case store::ColumnType::Jsonb: return parse_json(*cell).value();  // PostgreSQL writes valid JSON
    case store::ColumnType::Text:
    case store::ColumnType::Timestamptz:
    case store::ColumnType::Uuid: break;
  }
  return *cell;
}

double seconds(Duration span) {
  return std::round(std::chrono::duration<double>(span).count() * 1'000) / 1'000;
}

Json lag_json(const store::ViewProgress& progress) {
  const auto events = std::max<std::int64_t>(progress.head - progress.done, 0);
  const Duration age =
      progress.oldest_missing ? std::max(Duration{0}, progress.now - *progress.oldest_missing) : Duration{0};
  return Json::object({{"events", events}, {"seconds", seconds(age)}});
}

Json stop_json(const std::optional<store::ViewStop>& stop) {
  if (!stop) return {};
  return Json::object({{"position", to_text(stop->place)}, {"reason", stop->reason}});
}

std::string status_of(const ViewStatus& view) {
  if (!view.view) return "unreadable";
  if (!view.active) return view.building->row.stop ? "stopped" : "building";
  return view.active->row.stop ? "stopped" : "live";
}

std::string build_status(const ViewStatus& view) {
  if (!view.building) return "done";
  if (view.building->row.stop) return "stopped";
  if (!view.building->progress.filled) return "filling";
  return view.building->row.indexed ? "catching-up" : "indexing";
}

template <class T>
Json optional_json(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

void add_table(Json::Object& members, const store::ViewTable& table) {
  Json::Array key, indexes;
  Json::Object columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i < table.key_columns()) key.push_back(table.columns[i].name);
    columns.append(table.columns[i].name, type_name(table.columns[i].type));
  }
  for (const auto& index : table.indexes) indexes.push_back(Json(Json::Array(index.begin(), index.end())));
  members.append("key", Json(std::move(key)));
  members.append("columns", Json(std::move(columns)));
  members.append("indexes", Json(std::move(indexes)));
}

}  // namespace

Json view_status_json(const ViewStatus& view) {
  const GenerationStatus& shown = view.active ? *view.active : *view.building;
  Json::Array skipped;
  for (const auto& position : shown.row.skipped) skipped.push_back(to_text(position));
  Json::Object members;
  members.append("name", view.name);
  members.append("status", status_of(view));
  members.append("generation", shown.row.number);
  members.append("hash", shown.row.hash);
  if (view.view) add_table(members, view.view->table);
  members.append("lag", lag_json(shown.progress));
  members.append("stopped", stop_json(shown.row.stop));
  members.append("skipped", Json(std::move(skipped)));
  members.append("rebuild", view.building ? rebuild_json(view) : Json());
  return members;
}

Json rebuild_json(const ViewStatus& view) {
  const GenerationStatus& built = view.building ? *view.building : *view.active;
  const auto& progress = built.progress;
  const double spent = std::chrono::duration<double>(progress.now - built.row.made_at).count();
  const auto left = std::max<std::int64_t>(progress.head - progress.done, 0);
  Json rate, remaining;
  if (view.building && spent > 0 && progress.done > 0) {
    const double per_second = static_cast<double>(progress.done) / spent;
    rate = std::round(per_second);
    remaining = std::round(static_cast<double>(left) / per_second * 10) / 10;
  }
  return Json::object({{"view", view.name},
                       {"status", build_status(view)},
                       {"generation", built.row.number},
                       {"startedAt", to_rfc3339(built.row.made_at)},
                       {"events", progress.done},
                       {"of", progress.head},
                       {"rate", rate},
                       {"remaining", remaining},
                       {"stopped", stop_json(built.row.stop)},
                       {"rowsBefore", optional_json(built.row.rows_before)},
                       {"rowsAfter", optional_json(built.row.rows_after)},
                       {"rowsDifferent", optional_json(built.row.rows_different)}});
}

Json view_row_json(const store::ViewTable& table, const std::vector<store::Cell>& row) {
  Json::Object members;
  for (std::size_t i = 0; i < row.size(); ++i)
    members.append(table.columns[i].name, value_json(table.columns[i], row[i]));
  return members;
}

std::string view_cursor(const store::ViewTable& table, const std::vector<store::Cell>& row) {
  Json::Array key;
  for (std::size_t i = 0; i < table.key_columns(); ++i) key.push_back(row[i].value_or(""));
  const std::string text = Json(std::move(key)).dump();
  return kViewForm + to_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Result<std::vector<std::string>> read_view_cursor(std::string_view cursor) {
  const Error unknown = invalid("this is no cursor; take it from `next` of the page before");
  if (cursor.size() < 3 || cursor[0] != kViewForm) return unknown;
  std::string text(cursor.size() / 2, '\0');
  if (!read_hex(cursor.substr(1), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}))
    return unknown;
  const auto key = parse_json(text);
  if (!key || !key->is_array()) return unknown;
  std::vector<std::string> parts;
  for (const Json& part : key->as_array()) {
    if (!part.is_string()) return unknown;
    parts.push_back(part.as_string());
  }
  return parts;
}

}  // namespace skald::api
