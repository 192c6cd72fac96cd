// The views that every Skald has: projections/builtin/*.view.yaml, which are part of the program. They are
// folded, rebuilt and read like any other view; their names begin with "skald-".
#pragma once

#include <string_view>
#include <vector>

#include "projections/view.hpp"

namespace skald::views {

inline constexpr std::string_view kBuiltinPrefix = "skald-";
inline bool is_builtin_name(std::string_view view) {
  return view.starts_with(kBuiltinPrefix);
}

// By name. Loaded once; a fault in one of them is a fault of the program.
const std::vector<View>& builtin_views();

}  // namespace skald::views
