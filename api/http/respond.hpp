// The answers that several routes give alike.
#pragma once

#include <string_view>

#include "api/http/message.hpp"
#include "engine/base/json.hpp"
#include "engine/runtime/engine.hpp"

namespace skald::api {

Response json_response(int status, const Json& body);

// The saga with its ETag (its number of events).
Response saga_response(int status, const runtime::Snapshot& saga);
std::string saga_address(const SagaId& id);  // "/v1/sagas/0198…"
std::string etag_of(const runtime::Snapshot& saga);

// To whoever asked something of a saga: 202 with the saga, else why not; `why_not` is the title of a 409.
Response accepted_response(const Result<runtime::Snapshot>& saga, const SagaId& id, std::string_view why_not);

Response unknown_saga(std::string_view id);

}  // namespace skald::api
