// `startOn` and `cancelOn`: the events that begin a saga and that end it.
#pragma once

#include <vector>

#include "engine/core/definition.hpp"
#include "sagas/expression_use.hpp"

namespace skald::sagas {

// Both take one map or a list of them.
std::vector<core::StartOn> read_start_on(const Yaml& value, ExpressionReader& expressions, FaultList& faults);
// `until` is `standard` where it is not given.
std::vector<core::CancelOn> read_cancel_on(const Yaml& value, core::CancelUntil standard,
                                           ExpressionReader& expressions, FaultList& faults);

// Of `cancelUntil` and `until`.
const std::vector<std::pair<std::string, core::CancelUntil>>& cancel_until_words();

}  // namespace skald::sagas
