// GET one saga, with its ETag and a long poll; GET its events in order.
#include "api/http/backend.hpp"
#include "api/http/patience.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"
#include "api/http/saga_as_of.hpp"
#include "api/http/saga_json.hpp"

namespace skald::api {
namespace {

constexpr std::int64_t kEventsPerPage = 100, kMostEventsPerPage = 1000;

// The number of events that an If-None-Match of this API speaks of: "8", or W/"8" after a proxy.
std::optional<std::int32_t> known_version(const Request& request) {
  const std::string* field = request.header("If-None-Match");
  if (!field) return std::nullopt;
  std::string_view tag = *field;
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() < 3 || tag.size() > 11 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  if (tag.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return std::stoi(std::string(tag));
}

Response answer(const Result<runtime::Snapshot>& saga, const std::string& id,
                std::optional<std::int32_t> known) {
  if (!saga) return saga.error().kind == ErrorKind::NotFound ? unknown_saga(id) : problem(saga.error());
  if (!known || saga->state.version != *known) return saga_response(200, *saga);
  Response unchanged;
  unchanged.status = 304;
  unchanged.content_type.clear();
  unchanged.headers.emplace_back("ETag", etag_of(*saga));
  return unchanged;
}

// "?at=5" after its fifth event, "?at=2026-11-21T07:00:00Z" at that time.
std::optional<Moment> moment_of(Query& query) {
  const auto text = query.text("at");
  if (!text) return std::nullopt;
  if (!text->empty() && text->find_first_not_of("0123456789") == std::string::npos) {
    const auto number = query.integer("at", {1, INT32_MAX});
    return number ? std::optional<Moment>(static_cast<std::int32_t>(*number)) : std::nullopt;
  }
  const auto time = query.time("at");
  return time ? std::optional<Moment>(*time) : std::nullopt;
}

// Its state then never changes any more, and so does its ETag.
void read_as_of(Backend backend, SagaId id, Moment moment, std::optional<std::int32_t> known, Call call) {
  read_saga_as_of(backend, id, moment,
                  [known, text = call.arguments[0],
                   respond = std::move(call.respond)](const Result<runtime::Snapshot>& saga) {
                    respond(saga ? answer(saga, text, known) : problem(saga.error()));
                  });
}

void read_saga(Backend backend, Call call) {
  Query query(call.request);
  const auto known = known_version(call.request);
  const auto wait = query.duration("wait", kLongestPatience);
  if (wait && !known)
    query.refuse("wait", "give the ETag you know as If-None-Match, so that a change can be told");
  const auto moment = moment_of(query);
  if (wait && moment)
    query.refuse("wait", "a saga as it was does not change: at and wait exclude each other");
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  const auto id = parse_saga_id(call.arguments[0]);
  if (!id) return call.respond(unknown_saga(call.arguments[0]));
  if (moment) return read_as_of(backend, *id, *moment, known, std::move(call));

  auto done = [known, id = call.arguments[0], respond = std::move(call.respond)](
                  const Result<runtime::Snapshot>& saga) { respond(answer(saga, id, known)); };
  if (wait && known)
    backend.engine.await_change(backend.lane, *id, *known, *wait, std::move(done));
  else
    backend.engine.find_saga(backend.lane, *id, std::move(done));
}

Response events_page(const std::vector<store::StoredEvent>& events, std::size_t limit) {
  Json::Array items;
  for (const auto& event : events) {
    if (items.size() == limit) break;
    items.push_back(event_json(event));
  }
  Json next;
  if (events.size() > limit) next = events[limit - 1].version;
  return json_response(200, Json::object({{"items", std::move(items)}, {"next", next}}));
}

bool wants_stream(const Request& request) {
  const std::string* accept = request.header("Accept");
  return accept && accept->find("text/event-stream") != std::string::npos;
}

void read_events(Backend backend, Call call) {
  Query query(call.request);
  const auto after = query.integer("after", {0, INT32_MAX}).value_or(0);
  const auto limit =
      static_cast<std::size_t>(query.integer("limit", {1, kMostEventsPerPage}).value_or(kEventsPerPage));
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  if (wants_stream(call.request))
    return call.respond(
        problem(406, "not-acceptable", "No live stream in this version",
                "a stream of events is not supported yet; accept application/json, and wait for news "
                "with GET /v1/sagas/{id}?wait=30s and If-None-Match"));
  const auto id = parse_saga_id(call.arguments[0]);
  if (!id) return call.respond(unknown_saga(call.arguments[0]));

  // A page that has none of the saga's events may lie behind its last one, or the saga may not exist.
  auto behind = [text = call.arguments[0], limit,
                 respond = call.respond](const Result<runtime::Snapshot>& saga) {
    respond(saga ? events_page({}, limit) : answer(saga, text, std::nullopt));
  };
  // One more than asked for tells whether there is another page.
  backend.engine.read_events(
      backend.lane, *id, static_cast<std::int32_t>(after), limit + 1,
      [backend, id = *id, limit, behind = std::move(behind), text = call.arguments[0],
       respond = std::move(call.respond)](const Result<std::vector<store::StoredEvent>>& events) {
        if (!events)
          return respond(events.error().kind == ErrorKind::NotFound ? unknown_saga(text)
                                                                    : problem(events.error()));
        if (events->empty()) return backend.engine.find_saga(backend.lane, id, behind);
        respond(events_page(*events, limit));
      });
}

}  // namespace

void add_saga_reads(Router& router, Backend backend) {
  router.add("GET", "/v1/sagas/{id}", [backend](Call call) { read_saga(backend, std::move(call)); });
  router.add("GET", "/v1/sagas/{id}/events", [backend](Call call) { read_events(backend, std::move(call)); });
}

}  // namespace skald::api
