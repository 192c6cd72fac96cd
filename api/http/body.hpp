// The body of a request as JSON, with the problems that tell a client what is wrong with it: 415 for another
// content type, 400 for broken JSON with line and column. members.hpp reads what is in it.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "api/http/message.hpp"
#include "engine/base/json.hpp"

namespace skald::api {

// "application/json" of "Application/JSON; charset=utf-8"; empty where there is none.
std::string media_type(const Request& request);

// An empty body is null. The answer, where the body is no JSON.
std::variant<Json, Response> json_body(const Request& request);
// The same of a body whose content type is known to be one of JSON.
std::variant<Json, Response> parsed_body(const Request& request);

Response wrong_media_type(const Request& request, std::string_view expected);

// A key as it stands in a JSON pointer (RFC 6901).
std::string pointer_token(std::string_view key);

}  // namespace skald::api
