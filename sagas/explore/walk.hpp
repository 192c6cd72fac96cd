// walk: every history of a definition, as a graph of situations. Each one is looked at once; how many ways
// lead through them to each end is counted afterwards, without walking them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/event.hpp"
#include "engine/core/state.hpp"
#include "sagas/explore/samples.hpp"

namespace skald::sagas {

// About a kilobyte each, and a tenth of a millisecond. Definitions of ten steps have some hundreds.
inline constexpr std::size_t kMostSituations = 50'000;
// Counts are exact below it: the largest integer that every reader of JSON keeps.
inline constexpr std::uint64_t kMostHistories = (std::uint64_t{1} << 53) - 1;
// The first time of every history.
inline constexpr Timestamp kExploredFrom{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z

// Where a history may end. A completed saga that can be undone later is one too, and so is one that is stuck
// until a person decides, also where the deadline or a cancel would still end it.
struct WalkEnd {
  core::State state;
  std::uint64_t histories = 0;
  std::vector<std::string> story;  // of the shortest
};

struct Walk {
  std::vector<WalkEnd> ends;  // in the order in which they were found
  std::uint64_t histories = 0;
  std::size_t situations = 0;
  std::size_t longest_events = 0;
  std::vector<std::string> longest;
  std::optional<int> most_troubles;  // histories with more of them were left out, since there were too many
  bool complete = true;              // false: even so there were too many
  std::set<std::string> begun;       // ids of steps that were requested in some history
  std::set<std::string>
      unmade;  // where made-up values did not do: expressions that fail, events that do not fit
  std::vector<std::string> faults;  // what no history may do, whatever the definition: faults of Skald
};

struct WalkOptions {
  std::size_t most_situations = kMostSituations;
  // Told the shortest log that leads to each situation, in the definition as it was walked.
  std::function<void(const core::Definition&, const std::vector<core::Event>&)> witness;
};

Walk walk(const core::Definition& definition, const Samples& samples, const WalkOptions& options = {});

}  // namespace skald::sagas
