#include "engine/core/definition.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace skald::core {

const Step* Definition::find_step(std::string_view id) const {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.id == id; });
  return found == steps.end() ? nullptr : &*found;
}

std::optional<std::size_t> Definition::pivot() const {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) { return step.pivot; });
  if (found == steps.end()) return std::nullopt;
  return static_cast<std::size_t>(found - steps.begin());
}

std::string_view to_text(HttpMethod method) {
  switch (method) {
    case HttpMethod::Get: return "GET";
    case HttpMethod::Head: return "HEAD";
    case HttpMethod::Post: return "POST";
    case HttpMethod::Put: return "PUT";
    case HttpMethod::Patch: return "PATCH";
    case HttpMethod::Delete: return "DELETE";
  }
  check_failed("method", __FILE__, __LINE__, "every HTTP method has its name");
}

}  // namespace skald::core
