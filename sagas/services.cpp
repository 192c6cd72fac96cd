#include "sagas/services.hpp"

#include <algorithm>

namespace skald::sagas {

ServiceRegistry::ServiceRegistry(std::vector<Service> services) : services_(std::move(services)) {
  std::sort(services_.begin(), services_.end(),
            [](const Service& a, const Service& b) { return a.name < b.name; });
}

const Service* ServiceRegistry::find(std::string_view name) const {
  const auto at =
      std::lower_bound(services_.begin(), services_.end(), name,
                       [](const Service& service, std::string_view wanted) { return service.name < wanted; });
  return at != services_.end() && at->name == name ? &*at : nullptr;
}

std::string url_variable(std::string_view service) {
  std::string variable = "SKALD_SERVICE_";
  for (const char c : service) {
    if (c >= 'a' && c <= 'z')
      variable += static_cast<char>(c - ('a' - 'A'));
    else
      variable += c == '-' ? '_' : c;
  }
  return variable + "_URL";
}

}  // namespace skald::sagas
