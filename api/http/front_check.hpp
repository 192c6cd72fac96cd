// What a request must be before anybody reads more of it: the rules of its header, its Host, its target, its
// framing, its size. Pure: bytes in, a checked request or the refusal out.
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "api/http/message.hpp"
#include "engine/runtime/http_head.hpp"

namespace skald::api {

struct CheckedHead {
  Request request;  // without its body and peer
  runtime::BodyFraming framing;
  bool keep_alive = true;
  bool expects_continue = false;
  int minor_version = 1;
};

// `head` is a whole head with its empty line.
std::variant<CheckedHead, Response> front_check(std::string_view head, std::size_t max_body_bytes);

// The refusals that need no whole head.
Response head_too_long(std::size_t max_bytes);
Response body_too_long(std::size_t max_bytes);
Response malformed(std::string_view detail);

}  // namespace skald::api
