// ServiceCaller: how a lane reaches the services. service_pools.hpp does it over HTTP; tests and the
// simulator bring their own.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/core/input.hpp"

namespace skald::runtime {

// A request ready to leave: the path is below the service's base path.
struct OutgoingCall {
  std::string service;
  std::string method;
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<Duration> timeout;  // none: the service's own, else five seconds
  std::optional<Duration> at_most;  // what is left of the total timeout
};

struct CallFault {
  core::CallFailure failure = core::CallFailure::NotSent;
  std::string detail;
};

// A Location in the answer to a 202 is given as a path below the service's base path.
using CallResult = std::variant<core::Answer, CallFault>;

// No call to that service may leave before then.
struct GateClosed {
  Timestamp until;
  bool circuit = false;  // its circuit is open; else its rate limit is reached
};

class ServiceCaller {
 public:
  virtual ~ServiceCaller() = default;
  // The callback comes once, never inside the call; where the gate is closed nothing leaves and nothing
  // comes.
  virtual std::optional<GateClosed> call(OutgoingCall call, std::function<void(CallResult)> done) = 0;
};

}  // namespace skald::runtime
