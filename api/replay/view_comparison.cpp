#include "api/replay/view_comparison.hpp"

namespace skald::api {

// This version keeps no views yet.
Result<void> compare_views(const std::string&, const std::optional<std::string>& view, const Report&) {
  if (view) return not_found("there is no view '" + *view + "'");
  return {};
}

}  // namespace skald::api
