#include "api/cli/saga_filter.hpp"

#include "api/cli/saga_table.hpp"

namespace skald::api {

void add_filter_options(CLI::App& command, SagaFilter& filter) {
  command.add_option("--name", filter.name, "only of this definition")->option_text("NAME");
  command.add_option("--status", filter.status, "only these, separated by commas")->option_text("STATUS,…");
  command.add_option("--business-key", filter.business_key, "only with this business key")
      ->option_text("KEY");
}

std::string filter_query(const SagaFilter& filter) {
  std::string query;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query += std::string("&") + name + "=" + percent_encoded(value);
  };
  add("name", filter.name);
  add("status", filter.status);
  add("businessKey", filter.business_key);
  return query;
}

Result<std::variant<Json::Array, ApiReply>> find_sagas(ApiClient& client, const SagaFilter& filter) {
  Json::Array found;
  std::string cursor;
  do {
    auto page = client.get("/v1/sagas?limit=500" + filter_query(filter) +
                           (cursor.empty() ? "" : "&cursor=" + percent_encoded(cursor)));
    if (!page) return page.error();
    if (!page->good()) return std::variant<Json::Array, ApiReply>(std::move(*page));
    const Json items = page->body.get("items");
    if (items.is_array()) found.insert(found.end(), items.as_array().begin(), items.as_array().end());
    cursor = cell(page->body, "next");
  } while (!cursor.empty());
  return std::variant<Json::Array, ApiReply>(std::move(found));
}

}  // namespace skald::api
