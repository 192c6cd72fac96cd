// The target of a request taken apart: path, its decoded segments, the decoded query. Used by the front end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"
#include "engine/base/error.hpp"

namespace skald::api {

struct Target {
  std::string path;                   // as sent
  std::vector<std::string> segments;  // decoded; "/" has none, "/a/" has {"a", ""}
  Fields query;                       // decoded; "+" means a blank, as forms have it
};

// `target` is origin-form ("/path?query") or "*". Refused: broken percent-encoding, NUL, what is no UTF-8, a
// fragment.
Result<Target> parse_target(std::string_view target);

// Percent-decoding (RFC 3986 section 2.1) of one segment, name or value.
Result<std::string> percent_decoded(std::string_view text);

}  // namespace skald::api
