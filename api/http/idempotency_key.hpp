// The Idempotency-Key that a client may give: whoever sends a request again with it asks for the same thing.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "api/http/message.hpp"

namespace skald::api {

// The answer, where it does not fit.
std::variant<std::optional<std::string>, Response> idempotency_key(const Request& request);

}  // namespace skald::api
