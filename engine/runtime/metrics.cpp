#include "engine/runtime/metrics.hpp"

namespace skald::runtime {
namespace {

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& registry, const char* name,
                                              const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics() : Metrics(std::make_shared<prometheus::Registry>()) {}

Metrics::Metrics(std::shared_ptr<prometheus::Registry> registry)
    : sagas_started(counters(*registry, "skald_sagas_started_total", "Sagas started").Add({})),
      events_appended(
          counters(*registry, "skald_events_appended_total", "Events appended to the log").Add({})),
      starts_refused(
          counters(*registry, "skald_starts_refused_total", "Starts answered 503 because the node was full")
              .Add({})),
      active_sagas(gauges(*registry, "skald_active_sagas", "Sagas in memory").Add({})),
      calls_in_flight(gauges(*registry, "skald_calls_in_flight", "Calls whose answer is awaited").Add({})),
      registry_(std::move(registry)),
      ended_(counters(*registry_, "skald_sagas_ended_total", "Sagas ended, by definition and status")),
      calls_(counters(*registry_, "skald_calls_total", "Calls to services, by service and result")),
      circuits_(
          gauges(*registry_, "skald_circuit_state", "Circuit by service: 0 closed, 1 half open, 2 open")),
      view_events_(counters(*registry_, "skald_view_events_total", "Events taken in, by view")),
      view_lags_(gauges(*registry_, "skald_view_lag_seconds",
                        "Age of the oldest event that the view has not taken in, on this node")),
      views_stopped_(gauges(*registry_, "skald_view_stopped",
                            "1: the view stands before an event that it cannot take in")) {}

prometheus::Counter& Metrics::view_events(const std::string& view) {
  return view_events_.Add({{"view", view}});
}
std::vector<prometheus::MetricFamily> Metrics::collect() {
  for (const auto& [view, seconds] : lags_.at(system_now())) view_lags_.Add({{"view", view}}).Set(seconds);
  return registry_->Collect();
}
prometheus::Gauge& Metrics::view_stopped(const std::string& view) {
  return views_stopped_.Add({{"view", view}});
}

prometheus::Counter& Metrics::sagas_ended(const std::string& definition, const std::string& status) {
  return ended_.Add({{"saga", definition}, {"status", status}});
}

prometheus::Gauge& Metrics::circuit(const std::string& service) {
  return circuits_.Add({{"service", service}});
}

prometheus::Counter& Metrics::calls(const std::string& service, const std::string& result) {
  return calls_.Add({{"service", service}, {"result", result}});
}

}  // namespace skald::runtime
