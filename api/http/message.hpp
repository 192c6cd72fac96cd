// A request as the front end hands it over, and the answer it takes. Used by every handler: API, console,
// stand-in services.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runtime/http_message.hpp"

namespace skald::api {

using Fields = runtime::HttpFields;

struct Request {
  std::string method;  // as sent: methods are case-sensitive
  std::string path;    // as sent, without the query
  // The path, percent-decoded, valid UTF-8 without NUL: "/v1/a%2Fb" is {"v1", "a/b"}.
  std::vector<std::string> segments;
  Fields query;  // decoded likewise, in order
  Fields headers;
  std::string body;
  std::string peer;  // address of the client

  const std::string* header(std::string_view name) const { return runtime::find_field(headers, name); }
  // The first value of that name in the query (names of parameters are case-sensitive), or nullptr.
  const std::string* parameter(std::string_view name) const;
};

// As the status of a Response: the connection is closed without an answer. For stand-in services, which err
// on purpose.
inline constexpr int kCloseWithoutAnswer = 0;

struct Response {
  int status = 200;
  Fields headers;  // without Content-Type, Content-Length, Connection and Date
  std::string content_type = "application/json";
  std::string body;
};

// Takes the answer to one request: now or later, on the thread of the server's io_context. What comes a
// second time, or after the client has gone, is dropped; when it is never called, the client gets a 500.
using Responder = std::function<void(Response)>;
using Handler = std::function<void(Request, Responder)>;

}  // namespace skald::api
