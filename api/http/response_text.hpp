// An answer as the bytes of one write. Used by the front end's connections.
#pragma once

#include <string>
#include <string_view>

#include "api/http/message.hpp"

namespace skald::api {

struct ResponseManner {
  bool keep_alive = true;
  int minor_version = 1;      // of the request
  bool without_body = false;  // the request was HEAD: the length is told, the body is not sent
};

// Adds status line, header and body to `out`. An answer that would break out of its header (a line break in a
// value) becomes a 500 instead.
void append_response(std::string& out, const Response& response, ResponseManner manner);

}  // namespace skald::api
