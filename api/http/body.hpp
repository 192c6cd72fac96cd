// The body of a request as JSON, with the problems that tell a client what is wrong with it: 415 for another
// content type, 400 for broken JSON with line and column, 422 for members that do not fit with their pointer.
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

// The text members of a body that is an object, or empty for an empty body: known = {"reason"}. Others are
// refused; one that is not given is null in the answer.
std::variant<Json, Response> text_members(const Request& request,
                                          std::initializer_list<std::string_view> known);

Response wrong_media_type(const Request& request, std::string_view expected);

}  // namespace skald::api
