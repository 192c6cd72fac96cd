// Arrival: an event made up so that a `where` lets it through: what the saga itself knows stands where the
// condition compares with it.
#pragma once

#include <optional>
#include <string>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::sagas {

// The data of an event of that name that fits the condition over `at` ("" for the saga as a whole), beginning
// from `data`; none where no made-up value does.
std::optional<Json> fitting_data(const core::Definition& definition, const core::State& state,
                                 const std::string& at, const std::string& event,
                                 const std::optional<core::Template>& where, const Json& data);

}  // namespace skald::sagas
