// GET /v1/sagas: a page of sagas, newest first.
#include <algorithm>
#include <array>

#include "api/http/backend.hpp"
#include "api/http/cursor.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"
#include "api/http/saga_json.hpp"

namespace skald::api {
namespace {

constexpr std::int64_t kSagasPerPage = 50, kMostSagasPerPage = 500;
// language.md, "Status".
constexpr std::array<std::string_view, 9> kStatuses{"running",      "waiting",     "paused",
                                                    "compensating", "stuck",       "completed",
                                                    "cancelled",    "compensated", "failed"};

std::vector<std::string> read_statuses(Query& query) {
  auto statuses = query.list("status");
  for (const auto& status : statuses)
    if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end())
      query.refuse("status",
                   "no such status: " + status +
                       "; there are running, waiting, paused, compensating, stuck, completed, compensated, "
                       "cancelled, failed");
  return statuses;
}

store::SagaFilter read_filter(Query& query) {
  store::SagaFilter filter;
  filter.definition = query.text("name");
  filter.statuses = read_statuses(query);
  filter.business_key = query.text("businessKey");
  filter.started_after = query.time("startedAfter");
  filter.started_before = query.time("startedBefore");
  filter.limit =
      static_cast<std::size_t>(query.integer("limit", {1, kMostSagasPerPage}).value_or(kSagasPerPage));
  if (const auto cursor = query.text("cursor")) {
    const auto before = read_cursor(*cursor);
    if (before)
      filter.before = *before;
    else
      query.refuse("cursor", before.error().message);
  }
  return filter;
}

Response page(const std::vector<store::SagaRow>& rows, std::size_t limit) {
  Json::Array items;
  for (const auto& row : rows) {
    if (items.size() == limit) break;
    items.push_back(saga_row_json(row));
  }
  Json next;
  if (rows.size() > limit) next = cursor_after(rows[limit - 1].id);
  return json_response(200, Json::object({{"items", std::move(items)}, {"next", next}}));
}

void list_sagas(Backend backend, Call call) {
  Query query(call.request);
  auto filter = read_filter(query);
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  const auto limit = filter.limit++;  // one more than asked for tells whether there is another page
  backend.engine.list_sagas(
      backend.lane, std::move(filter),
      [limit, respond = std::move(call.respond)](const Result<std::vector<store::SagaRow>>& rows) {
        respond(rows ? page(*rows, limit) : problem(rows.error()));
      });
}

}  // namespace

void add_saga_list(Router& router, Backend backend) {
  router.add("GET", "/v1/sagas", [backend](Call call) { list_sagas(backend, std::move(call)); });
}

}  // namespace skald::api
