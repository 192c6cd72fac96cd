// run: one seed, one life. Phase one makes trouble for a while; phase two makes none, and then everything has
// to come to an end within a bounded time. Nothing but the seed decides what happens.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/runtime/metrics.hpp"
#include "tests/simulation/faults.hpp"

namespace skald::simulation {

struct Outcome {
  std::vector<std::string> violations;
  std::string log_hash, view_hash;
  FaultCounts faults;
  std::size_t starts_acknowledged = 0, sagas = 0, events = 0, comparisons = 0, view_rows = 0;
  std::map<std::string, std::size_t> ends;   // sagas by status
  std::map<std::string, std::size_t> steps;  // that succeeded, by kind
  Duration simulated{0};
  Duration settled_after{0};             // since the faults stopped
  std::vector<std::string> definitions;  // as YAML
};

// `tell` is given every line of the story; empty: nobody listens, which is faster.
Outcome run(std::uint64_t seed, runtime::Metrics& metrics, std::function<void(const std::string&)> tell = {});

}  // namespace skald::simulation
