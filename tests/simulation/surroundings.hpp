// Surroundings: what everything in a run shares: time, chance, the counts of faults, what was found wrong,
// and the story that is told of it. Time passes here only, and nothing of it is real.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/timers.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/faults.hpp"

namespace skald::simulation {

struct Surroundings {
  explicit Surroundings(std::uint64_t seed) : chance(seed) {}

  Chance chance;
  Timestamp now{1'763'700'000'000'000};  // of the world: networks, services, clients
  Duration database_ahead{0};            // its clock only jumps forward
  bool faulty = true;                    // phase one; in phase two nothing goes wrong any more
  runtime::Timers agenda;                // what the world itself has still to do, by `now`
  FaultCounts faults;
  std::vector<std::string> violations;
  std::function<void(const std::string&)> tell;  // empty: nobody listens

  Timestamp database_now() const { return now + database_ahead; }
  void after(Duration span, std::function<void()> act) { agenda.at(now + span, std::move(act)); }
  void violated(const std::string& invariant, const std::string& how) {
    if (violations.size() < kViolationsKept) violations.push_back(invariant + ": " + how);
    if (tell) tell("VIOLATED " + invariant + ": " + how);
  }

 private:
  static constexpr std::size_t kViolationsKept = 20;
};

}  // namespace skald::simulation
