#include "engine/runtime/service_pools.hpp"

#include <boost/asio/post.hpp>

#include "engine/runtime/location.hpp"

namespace skald::runtime {
namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(5);
// Above what one lane holds in memory, so that waiting for a connection is never refused here: back-pressure
// belongs to the start of a saga, where somebody can still be told.
constexpr std::size_t kQueue = 1'000'000;

core::CallFailure failure_of(HttpFailureKind kind) {
  switch (kind) {
    case HttpFailureKind::Unreachable:
    case HttpFailureKind::NotSendable: return core::CallFailure::NotSent;
    case HttpFailureKind::TimedOut: return core::CallFailure::TimedOut;
    case HttpFailureKind::ConnectionLost: return core::CallFailure::ConnectionLost;
    case HttpFailureKind::BadAnswer: return core::CallFailure::BadAnswer;
  }
  return core::CallFailure::BadAnswer;
}

std::string result_label(const HttpOutcome& outcome) {
  if (const auto* answer = std::get_if<HttpAnswer>(&outcome))
    return std::to_string(answer->status / 100) + "xx";
  switch (std::get<HttpFailure>(outcome).kind) {
    case HttpFailureKind::Unreachable: return "unreachable";
    case HttpFailureKind::NotSendable: return "not-sendable";
    case HttpFailureKind::TimedOut: return "timeout";
    case HttpFailureKind::ConnectionLost: return "connection-lost";
    case HttpFailureKind::BadAnswer: return "invalid-answer";
  }
  return "invalid-answer";
}

// What says something about the service's health: a refusal is one of a healthy service.
bool has_failed(const HttpOutcome& outcome) {
  if (const auto* answer = std::get_if<HttpAnswer>(&outcome)) return answer->status >= 500;
  return std::get<HttpFailure>(outcome).kind != HttpFailureKind::NotSendable;
}

// The Location of a 202 becomes a path below the service's base path; one that leads elsewhere is a broken
// answer.
CallResult result_of(HttpOutcome outcome, const BaseUrl& url, const std::string& target) {
  if (auto* failure = std::get_if<HttpFailure>(&outcome))
    return CallFault{failure_of(failure->kind), std::move(failure->detail)};
  auto& answer = std::get<HttpAnswer>(outcome);
  if (answer.status == 202)
    for (auto& [name, value] : answer.headers) {
      if (!same_ignoring_case(name, "location")) continue;
      const auto path = location_below(url, target, value);
      if (!path) return CallFault{core::CallFailure::BadAnswer, path.error().message};
      value = *path;
    }
  return core::Answer{answer.status, std::move(answer.headers), std::move(answer.body)};
}

}  // namespace

ServicePools::ServicePools(boost::asio::io_context& io,
                           std::function<std::shared_ptr<const sagas::ServiceRegistry>()> registry,
                           ServiceGates& gates, std::function<Timestamp()> now, Json secrets,
                           Metrics& metrics)
    : io_(io),
      registry_(std::move(registry)),
      gates_(gates),
      now_(std::move(now)),
      secrets_(std::move(secrets)),
      metrics_(metrics) {}

std::optional<GateClosed> ServicePools::call(OutgoingCall call, std::function<void(CallResult)> done) {
  const auto fail = [&](std::string why) -> std::optional<GateClosed> {
    boost::asio::post(io_, [done, why = std::move(why)] {
      done(CallFault{core::CallFailure::NotSent, why});
    });
    return std::nullopt;
  };
  const auto registry = registry_();
  const sagas::Service* service = registry ? registry->find(call.service) : nullptr;
  if (!service) return fail("the service '" + call.service + "' is not registered in services.yaml");
  const auto pool = this->pool(*service);
  if (!pool) return fail(pool.error().message);

  HttpRequest request{std::move(call.method), call.target, std::move(call.headers), std::move(call.body)};
  for (const auto& [name, value] : service->headers) {
    const auto text = value.evaluate_text(Json::object({{"secrets", secrets_}}));
    if (!text) return fail("header " + name + " of service '" + call.service + "': " + text.error().message);
    request.headers.emplace_back(name, *text);
  }
  const auto gate = (*pool)->gate;
  const auto entered = gate ? gate->enter(now_()) : std::uint64_t{0};
  if (const auto* closed = std::get_if<GateClosed>(&entered)) return *closed;
  Duration timeout = call.timeout.value_or(service->timeout.value_or(kDefaultTimeout));
  if (call.at_most) timeout = std::min(timeout, *call.at_most);
  (*pool)->client->send(
      std::move(request), timeout,
      [this, url = (*pool)->url, target = std::move(call.target), name = std::move(call.service), gate,
       entry = std::get<std::uint64_t>(entered), done = std::move(done)](HttpOutcome outcome) {
        metrics_.calls(name, result_label(outcome)).Increment();
        if (gate) gate->leave(entry, has_failed(outcome), now_());
        done(result_of(std::move(outcome), url, target));
      });
  return std::nullopt;
}

Result<ServicePools::Pool*> ServicePools::pool(const sagas::Service& service) {
  const ServiceLimits limits(service);
  const auto known = pools_.find(service.name);
  if (known != pools_.end() && known->second.registered_url == service.url &&
      known->second.connections == service.connections) {
    if (known->second.limits != limits) {
      known->second.limits = limits;
      known->second.gate = gates_.of(service);
    }
    return &known->second;
  }
  const auto url = BaseUrl::parse(service.url);
  if (!url) return url.error();
  if (known != pools_.end()) {
    // Its calls under way end with a failure that says whether they had left; they are tried again at the new
    // place.
    known->second.client->shut_down();
    boost::asio::post(io_, [old = std::shared_ptr<HttpClient>(std::move(known->second.client))] {});
    pools_.erase(known);
  }
  HttpClientLimits client;
  client.connections = service.connections;
  client.queue = kQueue;
  Pool fresh{*url,   service.url,       service.connections, std::make_unique<HttpClient>(io_, *url, client),
             limits, gates_.of(service)};
  return &pools_.emplace(service.name, std::move(fresh)).first->second;
}

}  // namespace skald::runtime
