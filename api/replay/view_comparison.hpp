// Views against a fresh fold of the log (invariants I11, I12): the part of `skald replay verify` that belongs
// to projections/. Everything about views goes through this one function.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/replay/violation.hpp"
#include "engine/base/error.hpp"

namespace skald::api {

struct ViewsCompared {
  std::size_t views = 0;           // whose rows were compared
  std::vector<std::string> notes;  // sentences: what was not, and why; what is behind. No violations
};

// Compares that view, or all of them, each as it stands at one moment. An Error (NotFound) where there is no
// such view.
Result<ViewsCompared> compare_views(const std::string& conninfo, const std::optional<std::string>& view,
                                    const Report& report);

}  // namespace skald::api
