// SagaFilter: the sagas that a command means by what they have in common, instead of by one id.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <variant>

#include "api/cli/api_client.hpp"

namespace skald::api {

struct SagaFilter {
  std::string name, status, business_key;
  bool empty() const { return name.empty() && status.empty() && business_key.empty(); }
};

// --name, --status, --business-key
void add_filter_options(CLI::App& command, SagaFilter& filter);

// "&name=…&status=…", for a query that has begun.
std::string filter_query(const SagaFilter& filter);

// All of them, over all pages, newest first; or the reply that refused a page.
Result<std::variant<Json::Array, ApiReply>> find_sagas(ApiClient& client, const SagaFilter& filter);

}  // namespace skald::api
