// Views as the API shows them: how each stands, and its rows as flat objects.
#pragma once

#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/runtime/engine.hpp"

namespace skald::api {

// {name, status, generation, hash, key, columns, indexes, lag, stopped, skipped, rebuild}
Json view_status_json(const runtime::ViewStatus& view);
// {view, status, generation, startedAt, events, of, rate, remaining, …}: of the generation that is being
// built, or of the one that was built last.
Json rebuild_json(const runtime::ViewStatus& view);

// A value has the JSON type of its column; a list is a list.
Json view_row_json(const store::ViewTable& table, const std::vector<store::Cell>& row);

// Where the next page begins: behind the key of this row.
std::string view_cursor(const store::ViewTable& table, const std::vector<store::Cell>& row);
Result<std::vector<std::string>> read_view_cursor(std::string_view cursor);

}  // namespace skald::api
