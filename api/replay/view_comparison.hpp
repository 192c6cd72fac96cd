// Views against a fresh fold of the log (invariants I11, I12): the part of `skald replay verify` that belongs
// to projections/. Everything about views goes through this one function.
#pragma once

#include <optional>
#include <string>

#include "api/replay/violation.hpp"
#include "engine/base/error.hpp"

namespace skald::api {

// Compares that view, or all of them. An Error (NotFound) where there is no such view.
Result<void> compare_views(const std::string& conninfo, const std::optional<std::string>& view,
                           const Report& report);

}  // namespace skald::api
