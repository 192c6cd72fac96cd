// Services: who takes part, as an administrator registers them in services.yaml. Hosts come from here only,
// never from a saga's data. Immutable once loaded; lanes share one registry.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/core/expression/template.hpp"
#include "sagas/fault.hpp"

namespace skald::sagas {

// At most `calls` in each `period`.
struct RateLimit {
  std::uint32_t calls = 0;
  Duration period{};
  bool operator==(const RateLimit&) const = default;
};

struct CircuitBreaker {
  double failure_rate = 0.5;  // 0 … 1, of the calls in the window: from there it opens
  Duration window = std::chrono::seconds(10);
  std::uint32_t minimum_calls = 20;  // below them nothing is concluded
  Duration open_for = std::chrono::seconds(5);
  std::uint32_t half_open_calls = 3;  // that must succeed before it closes
  bool operator==(const CircuitBreaker&) const = default;
};

struct Service {
  std::string name;
  std::string url;                  // http://host[:port][/base/path], without a slash at its end
  std::optional<Duration> timeout;  // of one attempt; none: five seconds
  std::size_t connections = 64;     // at most so many calls at once
  std::optional<RateLimit> rate_limit;
  std::optional<CircuitBreaker> circuit_breaker;
  std::vector<std::pair<std::string, core::Template>> headers;  // over .secrets
};

class ServiceRegistry {
 public:
  ServiceRegistry() = default;
  // Names are distinct.
  explicit ServiceRegistry(std::vector<Service> services);

  // Null where there is no such service.
  const Service* find(std::string_view name) const;
  // Sorted by name.
  const std::vector<Service>& all() const { return services_; }

 private:
  std::vector<Service> services_;
};

struct LoadedServices {
  std::optional<ServiceRegistry> registry;  // none: `faults` holds an error
  std::vector<Fault> faults;
};

// The value of an environment variable, where it is set.
using Environment = std::function<std::optional<std::string>(const std::string& variable)>;

// SKALD_SERVICE_<NAME>_URL (upper case, '-' as '_') takes the place of a service's url.
LoadedServices load_services(std::string_view text, std::string file, const Environment& environment);

// "SKALD_SERVICE_TEXT_MESSAGES_URL"
std::string url_variable(std::string_view service);

}  // namespace skald::sagas
