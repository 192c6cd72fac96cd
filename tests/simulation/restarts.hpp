// restarts: one random saga, told twice to the same end: by an engine that lives, and by one that dies after
// every append and goes on from the fold of the log and its plan. Both are given the same answers at the same
// times, so their logs must be the same but for the times. Only the core takes part: what a restart does to
// lanes, calls in flight and partitions is what run.hpp is about.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace skald::simulation {

struct RestartCounts {
  std::uint64_t sagas = 0, events = 0, restarts = 0;
  std::uint64_t notes_lost = 0;  // restarts that forgot an unrecorded attempt or poll
  std::uint64_t reordered = 0;   // sagas of which branches side by side took another order because of that
  std::map<std::string, std::uint64_t> ends;
};

// What differs, or nothing; adds to the counts.
std::optional<std::string> compare_restarts(std::uint64_t seed, RestartCounts& counts);

}  // namespace skald::simulation
