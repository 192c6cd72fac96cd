// What goes out to a service and what comes back, as plain values. Header names keep the case they were
// given; they are compared without it. Used by the HTTP client, by those who call services, and by the front
// end.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace skald::runtime {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

// ASCII only, as header names and tokens are.
bool same_ignoring_case(std::string_view a, std::string_view b);
// The value of the first field of that name, or nullptr.
const std::string* find_field(const HttpFields& fields, std::string_view name);

struct HttpRequest {
  std::string method;
  std::string
      target;  // path and query below the path of the service's base URL, percent-encoded, from "/" on
  HttpFields headers;  // without Host, Content-Length and Connection: these are the client's own
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  HttpFields headers;
  std::string body;
  std::string content_type;  // lower case, without parameters: "application/json"; empty when there is none
};

enum class HttpFailureKind {
  Unreachable,     // no byte of the request left: the step is not done
  NotSendable,     // the request cannot be written as HTTP (a line break in a header); no byte left
  TimedOut,        // the time was over after bytes had left
  ConnectionLost,  // the connection ended after bytes had left, before the whole answer was there
  BadAnswer        // the answer breaks HTTP/1.1 or a limit
};

struct HttpFailure {
  HttpFailureKind kind = HttpFailureKind::Unreachable;
  std::string detail;
};

using HttpOutcome = std::variant<HttpAnswer, HttpFailure>;
using HttpCallback = std::function<void(HttpOutcome)>;

}  // namespace skald::runtime
