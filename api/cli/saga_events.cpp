#include "api/cli/saga_events.hpp"

#include "api/cli/saga_table.hpp"

namespace skald::api {

Result<ApiReply> read_all_events(ApiClient& client, const std::string& id, std::string after,
                                 Json::Array& events) {
  for (;;) {
    auto reply = client.get("/v1/sagas/" + percent_encoded(id) + "/events?limit=1000&after=" + after);
    if (!reply || !reply->good()) return reply;
    const Json items = reply->body.get("items");
    if (items.is_array()) events.insert(events.end(), items.as_array().begin(), items.as_array().end());
    after = cell(reply->body, "next");
    if (after.empty()) return reply;
  }
}

}  // namespace skald::api
