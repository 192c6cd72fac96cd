// Metrics: what operators watch, in prometheus-cpp's registry; /metrics writes it out.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/view_lags.hpp"

namespace skald::runtime {

class Metrics {
 public:
  Metrics();

  prometheus::Registry& registry() { return *registry_; }
  ViewLags& view_lags() { return lags_; }
  // All of them, as they are now.
  std::vector<prometheus::MetricFamily> collect();

  std::shared_ptr<prometheus::Registry> shared_registry() { return registry_; }

  prometheus::Counter& sagas_started;
  prometheus::Counter& sagas_ended(const std::string& definition, const std::string& status);
  prometheus::Counter& calls(const std::string& service, const std::string& result);
  prometheus::Gauge& circuit(const std::string& service);  // 0 closed, 1 half open, 2 open
  prometheus::Counter& view_events(const std::string& view);
  prometheus::Gauge& view_stopped(const std::string& view);  // 1: it stands before an event it cannot take in
  prometheus::Counter& events_appended;
  prometheus::Counter& starts_refused;  // 503 because the lane was full or the database away
  prometheus::Gauge& active_sagas;      // in memory
  prometheus::Gauge& calls_in_flight;

 private:
  explicit Metrics(std::shared_ptr<prometheus::Registry> registry);
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& ended_;
  prometheus::Family<prometheus::Counter>& calls_;
  prometheus::Family<prometheus::Gauge>& circuits_;
  prometheus::Family<prometheus::Counter>& view_events_;
  prometheus::Family<prometheus::Gauge>& view_lags_;
  prometheus::Family<prometheus::Gauge>& views_stopped_;
  ViewLags lags_;
};

}  // namespace skald::runtime
