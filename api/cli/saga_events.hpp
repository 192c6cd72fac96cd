// The events of a saga, read from the API page by page.
#pragma once

#include <string>

#include "api/cli/api_client.hpp"

namespace skald::api {

// All events after that version; the last reply, or the one that was refused.
Result<ApiReply> read_all_events(ApiClient& client, const std::string& id, std::string after,
                                 Json::Array& events);

}  // namespace skald::api
