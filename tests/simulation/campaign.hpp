// campaign: many seeds, one verdict. It begins with the seeds that were kept, adds up what happened, repeats
// some seeds to see that they give the same log, tells a saga of each seed with a restart after every event,
// and refuses itself where too little was acknowledged or some kind of fault never hit.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/simulation/restarts.hpp"
#include "tests/simulation/run.hpp"

namespace skald::simulation {

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t starts_acknowledged = 0, sagas = 0, events = 0, comparisons = 0, view_rows = 0, repeated = 0;
  std::map<std::string, std::uint64_t> ends, steps;
  FaultCounts faults;
  RestartCounts restarts;
  Duration simulated{0}, slowest_to_settle{0};
  double seconds = 0;  // of real time
};

struct Campaign {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 2'000;
};

// Stops at the first seed that violates something, tells its story, and gives nothing.
std::optional<Totals> hold(const Campaign& campaign);

// Whether the campaign has shown enough; says what was missing.
bool is_enough(const Totals& totals);

void print(const Totals& totals);

// Tells the story of one seed; whether nothing was violated.
bool tell_story(std::uint64_t seed);

}  // namespace skald::simulation
