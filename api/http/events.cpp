// POST /v1/events: CloudEvents to all whom they concern, one or a batch. What is malformed is refused as a
// whole. 202 says what each one reached, durably; 429 that a saga keeps as many events as it may, and what
// was reached all the same. The same event once more (source and id) reaches nobody twice.
#include <algorithm>
#include <memory>

#include "api/http/backend.hpp"
#include "api/http/body.hpp"
#include "api/http/cloud_event.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"

namespace skald::api {
namespace {

constexpr const char* kOne = "application/cloudevents+json";
constexpr const char* kBatch = "application/cloudevents-batch+json";

bool starts_sagas(const sagas::Catalog& catalog, const std::string& type) {
  const auto entries = catalog.list();
  return std::any_of(entries.begin(), entries.end(), [&](const sagas::CatalogEntry& entry) {
    const auto& starts = entry.definition->start_on;
    return std::any_of(starts.begin(), starts.end(),
                       [&](const core::StartOn& on) { return on.event == type; });
  });
}

Response faulty_events(const std::vector<CloudEventFault>& faults) {
  Json::Array errors;
  for (const auto& fault : faults)
    errors.push_back(Json::object({{"pointer", fault.pointer}, {"detail", fault.detail}}));
  Json::Object more;
  more.set("pointer", faults.front().pointer);
  more.set("errors", Json(std::move(errors)));
  return problem(422, "invalid-request", "No CloudEvents 1.0",
                 faults.front().pointer + ": " + faults.front().detail + "; nothing was delivered", more);
}

Json reached_json(const CloudEvent& event, const runtime::Reached& reached) {
  Json::Object item;
  item.append("id", event.id);
  item.append("source", event.source);
  item.append("reached", reached.sagas);
  if (reached.full.empty()) return item;
  Json::Array full;
  for (const SagaId& saga : reached.full) full.push_back(to_text(saga));
  item.append("full", Json(std::move(full)));
  return item;
}

// `items` are those that were delivered; the last of them found a saga without room.
Response no_room(Json::Array items, std::size_t events) {
  std::string detail =
      "a saga (see full) keeps as many events as it may; whoever else the event is for has it";
  if (const auto left = events - items.size(); left > 0)
    detail += "; " + std::to_string(left) + " events behind it were not delivered";
  Json::Object more;
  more.append("items", Json(std::move(items)));
  return busy_problem(429, "too-many", "Too many events", detail + ". Sent again, it reaches nobody twice.",
                      more);
}

// One after the other, in the order in which they came: events to one saga keep their order.
class Deliveries : public std::enable_shared_from_this<Deliveries> {
 public:
  Deliveries(Backend backend, std::vector<CloudEvent> events, bool batch, Responder respond)
      : backend_(backend), events_(std::move(events)), batch_(batch), respond_(std::move(respond)) {}

  void deliver_next() {
    if (items_.size() == events_.size()) return respond_(answer());
    const CloudEvent& next = events_[items_.size()];
    runtime::EventToDeliver event;
    event.name = next.type;
    event.data = next.data;
    event.source = next.source;
    event.id = next.id;
    event.key = next.subject;
    backend_.engine.deliver_event(
        backend_.lane, std::move(event),
        [self = shared_from_this()](const Result<runtime::Reached>& reached) { self->delivered(reached); });
  }

 private:
  // What was delivered before stays so; sent again as a whole, it reaches nobody twice.
  void delivered(const Result<runtime::Reached>& reached) {
    if (!reached) return respond_(problem(reached.error()));
    items_.push_back(reached_json(events_[items_.size()], *reached));
    // What comes later in the batch must not overtake it.
    if (!reached->full.empty()) return respond_(no_room(std::move(items_), events_.size()));
    deliver_next();
  }
  Response answer() {
    if (!batch_) return json_response(202, items_.front());
    return json_response(202, Json::object({{"items", Json(std::move(items_))}}));
  }

  Backend backend_;
  std::vector<CloudEvent> events_;
  bool batch_;
  Responder respond_;
  Json::Array items_;
};

void take_events(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  const std::string type = media_type(call.request);
  const bool batch = type == kBatch;
  const bool in_headers = type != kOne && !batch && has_event_in_headers(call.request);
  if (type != kOne && !batch && !in_headers)
    return call.respond(wrong_media_type(
        call.request, std::string(kOne) + " or " + kBatch + " (or application/json and headers ce-…)"));
  auto body = in_headers ? json_body(call.request) : parsed_body(call.request);
  if (auto* fault = std::get_if<Response>(&body)) return call.respond(std::move(*fault));
  const Json& given = std::get<Json>(body);
  const auto starts = [catalog = backend.engine.catalog()](const std::string& event) {
    return starts_sagas(*catalog, event);
  };
  CloudEvents read =
      batch ? read_cloud_event_batch(given, starts)
            : read_cloud_event(in_headers ? event_from_headers(call.request, given) : given, starts);
  if (!read.faults.empty()) return call.respond(faulty_events(read.faults));
  std::make_shared<Deliveries>(backend, std::move(read.events), batch, std::move(call.respond))
      ->deliver_next();
}

}  // namespace

void add_events(Router& router, Backend backend) {
  router.add("POST", "/v1/events", [backend](Call call) { take_events(backend, std::move(call)); });
}

}  // namespace skald::api
