// Errors as every client sees them: application/problem+json (RFC 9457). The type is a short stable word, the
// title says what kind of thing happened, the detail says what happened here and what helps.
#pragma once

#include <string>
#include <string_view>

#include "api/http/message.hpp"
#include "engine/base/error.hpp"
#include "engine/base/json.hpp"

namespace skald::api {

// `more` adds members that help, such as saga, pointer, line, column.
Response problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                 const Json::Object& more = {});

// With Retry-After: a limit of this one client or saga (429), or of the whole (503).
Response busy_problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                      const Json::Object& more = {});

// invalid-request 422, not-found 404, not-allowed 403, conflict 409, too-many 429 and unavailable 503 with
// Retry-After, unexpected 500.
Response problem(const Error& error);

}  // namespace skald::api
