// How long a client is willing to wait for an answer: "?wait=10s", or "Prefer: wait=10" (RFC 7240
// section 4.3).
#pragma once

#include <optional>
#include <string>

#include "api/http/message.hpp"
#include "api/http/query.hpp"
#include "engine/base/time.hpp"

namespace skald::api {

// Proxies and load balancers cut longer silences; a client asks again.
inline constexpr Duration kLongestPatience = std::chrono::minutes(5);

struct Patience {
  std::optional<Duration> wait;
  bool preferred = false;         // it came by Prefer, and is acknowledged by Preference-Applied
  std::string preferred_seconds;  // as sent
};

// The query wins. A preference that cannot be read is left unheeded, as RFC 7240 wants it, and one for longer
// than we wait is shortened; a faulty ?wait= becomes the query's fault.
Patience read_patience(const Request& request, Query& query);

}  // namespace skald::api
