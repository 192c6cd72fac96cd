// Sagas and their events as tables for people. From the API's JSON, so any server of the same API can be
// shown.
#pragma once

#include "api/cli/output.hpp"
#include "engine/base/json.hpp"

namespace skald::api {

// One saga: what it is, how it stands, its steps.
std::string saga_table_text(const Json& saga);
void print_saga(const Json& saga, Format format);

// A page of sagas, `{items, next}`.
std::string saga_list_text(const Json& page);

// The story of a saga: time, what, step, detail.
std::string story_text(const Json::Array& events);
// One event of it, for a story that goes on.
std::string story_line(const Json& event);

// The value of a member as a cell: text without quotes, "" for null.
std::string cell(const Json& object, std::string_view member);
// "2026-11-21 07:00:00.123" of an RFC 3339 time, in UTC as the log keeps it.
std::string shown_time(const Json& time);

}  // namespace skald::api
