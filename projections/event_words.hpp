// The words of events: their types and fields, for the checks of a view file. They come from the core's own
// table of fields, so that a new event or field is known here at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald::views {

const std::vector<std::string>& event_types();  // "SagaStarted", …

// What `.event` has for that type: its own fields, and type, time and position, which every event has. Empty
// for an unknown type.
std::vector<std::string> event_fields(std::string_view type);

// What that field has inside; empty where it may hold anything.
std::vector<std::string> fields_inside(std::string_view field);

}  // namespace skald::views
