// view_scope: what the expressions of a rule see: .event, .saga, .input, .steps and .error, as they stand
// after the event.
#pragma once

#include "projections/fold.hpp"

namespace skald::views {

// Holds what `reads` begins with, and nothing more.
Json view_scope(const std::vector<core::Reference>& reads, const Occurrence& event);

}  // namespace skald::views
