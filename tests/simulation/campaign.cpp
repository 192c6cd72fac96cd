#include "tests/simulation/campaign.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <iostream>

#include "tests/simulation/kept_seeds.hpp"

namespace skald::simulation {
namespace {

constexpr std::uint64_t kRepeatEvery = 50;   // one seed in so many is run a second time
constexpr std::size_t kLinesOfStory = 80;    // told of a failing seed
constexpr std::size_t kSagaInStory = 12;     // a saga is called by the end of its id
constexpr std::uint64_t kStartsPerSeed = 3;  // acknowledged at least, on average
constexpr std::uint64_t kSeedsPerHit = 50;   // every kind of fault hits at least once in so many seeds
constexpr std::uint64_t kSeedsPerKind = 10;  // a step of every kind succeeds at least once in so many seeds
constexpr std::uint64_t kSagasPerEnd = 100;  // every kind of end is met at least once in so many sagas

// An assertion of the engine stops the process: then at least the seed is told.
volatile std::sig_atomic_t seed_under_way = 0;
extern "C" void tell_seed(int) {
  std::fprintf(stderr, "the engine stopped itself; again: ./dev simulate --seed %ld --verbose\n",
               static_cast<long>(seed_under_way));
}

// Lines about sagas that violated nothing would only be in the way.
bool concerns(const std::string& line, const Outcome& outcome) {
  const bool names_a_saga =
      line.find(" by ") != line.npos || line.find(" -> ") != line.npos || line.find(" cancel: ") != line.npos;
  const std::string saga = names_a_saga ? line.substr(line.find(' ') + 1, kSagaInStory) : "";
  return std::any_of(outcome.violations.begin(), outcome.violations.end(), [&](const std::string& violation) {
    return saga.empty() || violation.find(saga) != violation.npos;
  });
}

void tell_failure(std::uint64_t seed, const Outcome& outcome, runtime::Metrics& metrics) {
  std::deque<std::string> story;
  run(seed, metrics, [&](const std::string& line) {
    if (concerns(line, outcome)) story.push_back(line);
    if (story.size() > kLinesOfStory) story.pop_front();
  });
  for (const auto& source : outcome.definitions) std::cout << source << "\n";
  for (const auto& line : story) std::cout << "  " << line << "\n";
  for (const auto& violation : outcome.violations) std::cout << "VIOLATED " << violation << "\n";
  std::cout << "seed " << seed << " failed; again: ./dev simulate --seed " << seed << " --verbose\n";
}

void add(Totals& totals, const Outcome& outcome) {
  ++totals.seeds;
  totals.starts_acknowledged += outcome.starts_acknowledged;
  totals.sagas += outcome.sagas;
  totals.events += outcome.events;
  totals.comparisons += outcome.comparisons;
  totals.view_rows += outcome.view_rows;
  totals.faults.add(outcome.faults);
  totals.simulated += outcome.simulated;
  totals.slowest_to_settle = std::max(totals.slowest_to_settle, outcome.settled_after);
  for (const auto& [status, count] : outcome.ends) totals.ends[status] += count;
  for (const auto& [kind, count] : outcome.steps) totals.steps[kind] += count;
}

std::vector<std::uint64_t> seeds_of(const Campaign& campaign) {
  std::vector<std::uint64_t> seeds;
  if (campaign.seeds > 1)
    for (const KeptSeed& kept : kKeptSeeds) seeds.push_back(kept.seed);
  for (std::uint64_t i = 0; i < campaign.seeds; ++i) seeds.push_back(campaign.first_seed + i);
  return seeds;
}

// One seed and everything that is asked of it.
Outcome examine(std::uint64_t seed, runtime::Metrics& metrics, Totals& totals) {
  Outcome outcome = run(seed, metrics);
  if (seed % kRepeatEvery == 0) {
    ++totals.repeated;
    const Outcome again = run(seed, metrics);
    if (again.log_hash != outcome.log_hash) outcome.violations.push_back("the same seed gave another log");
    if (again.view_hash != outcome.view_hash) outcome.violations.push_back("the same seed gave other views");
  }
  if (const auto difference = compare_restarts(seed, totals.restarts))
    outcome.violations.push_back("restart: " + *difference);
  return outcome;
}

}  // namespace

std::optional<Totals> hold(const Campaign& campaign) {
  std::signal(SIGABRT, tell_seed);
  runtime::Metrics metrics;
  Totals totals;
  const auto begin = std::chrono::steady_clock::now();
  for (const std::uint64_t seed : seeds_of(campaign)) {
    seed_under_way = static_cast<std::sig_atomic_t>(seed);
    const Outcome outcome = examine(seed, metrics, totals);
    if (!outcome.violations.empty()) {
      tell_failure(seed, outcome, metrics);
      return std::nullopt;
    }
    add(totals, outcome);
  }
  totals.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return totals;
}

bool is_enough(const Totals& totals) {
  std::vector<std::string> missing;
  if (totals.starts_acknowledged < totals.seeds * kStartsPerSeed) missing.push_back("acknowledged starts");
  for (std::size_t kind = 0; kind < FaultCounts::kKinds; ++kind) {
    const auto fault = static_cast<Fault>(kind);
    if (totals.faults.of(fault) < totals.seeds / kSeedsPerHit) missing.push_back(std::string(to_text(fault)));
  }
  for (const std::string end : {"completed", "compensated", "cancelled", "failed", "stuck"}) {
    const auto found = totals.ends.find(end);
    if ((found == totals.ends.end() ? 0 : found->second) < totals.sagas / kSagasPerEnd)
      missing.push_back("sagas that end as " + end);
  }
  for (const std::string kind :
       {"http", "task", "emit", "saga", "set", "wait", "waitFor", "switch", "parallel", "forEach"}) {
    const auto found = totals.steps.find(kind);
    if ((found == totals.steps.end() ? 0 : found->second) < totals.seeds / kSeedsPerKind)
      missing.push_back("steps that succeeded, of kind " + kind);
  }
  if (totals.view_rows < totals.sagas * 3 / 2) missing.push_back("rows of views");
  if (totals.comparisons < totals.events / 4) missing.push_back("comparisons of live and folded states");
  for (const std::string end : {"completed", "compensated", "cancelled", "failed", "stuck"}) {
    const auto found = totals.restarts.ends.find(end);
    if ((found == totals.restarts.ends.end() ? 0 : found->second) < totals.restarts.sagas / kSagasPerEnd)
      missing.push_back("sagas with restarts that end as " + end);
  }
  if (totals.restarts.restarts < totals.restarts.sagas * 3) missing.push_back("restarts after an event");
  for (const auto& what : missing) std::cout << "refused, too few: " << what << "\n";
  return missing.empty();
}

void print(const Totals& totals) {
  std::printf(
      "%llu seeds (%llu of them twice), %llu sagas, %llu acknowledged starts, %llu events, %llu comparisons "
      "of live and folded states, %llu rows of views\n",
      static_cast<unsigned long long>(totals.seeds), static_cast<unsigned long long>(totals.repeated),
      static_cast<unsigned long long>(totals.sagas),
      static_cast<unsigned long long>(totals.starts_acknowledged),
      static_cast<unsigned long long>(totals.events), static_cast<unsigned long long>(totals.comparisons),
      static_cast<unsigned long long>(totals.view_rows));
  for (const auto& [status, count] : totals.ends)
    std::printf("  %9llu %s\n", static_cast<unsigned long long>(count), status.c_str());
  std::printf("steps that succeeded:");
  for (const auto& [kind, count] : totals.steps)
    std::printf(" %llu %s", static_cast<unsigned long long>(count), kind.empty() ? "unasked" : kind.c_str());
  std::printf("\n");
  const RestartCounts& restarts = totals.restarts;
  std::printf(
      "%llu sagas again with a restart after every event: %llu events, %llu restarts, the same log; %llu "
      "restarts "
      "forgot an unrecorded poll, %llu sagas took branches in another order for it\n",
      static_cast<unsigned long long>(restarts.sagas), static_cast<unsigned long long>(restarts.events),
      static_cast<unsigned long long>(restarts.restarts),
      static_cast<unsigned long long>(restarts.notes_lost),
      static_cast<unsigned long long>(restarts.reordered));
  for (const auto& [status, count] : restarts.ends)
    std::printf("  %9llu %s\n", static_cast<unsigned long long>(count), status.c_str());
  std::printf("faults that hit:\n");
  for (std::size_t kind = 0; kind < FaultCounts::kKinds; ++kind) {
    const auto fault = static_cast<Fault>(kind);
    std::printf("  %9llu %s\n", static_cast<unsigned long long>(totals.faults.of(fault)),
                std::string(to_text(fault)).c_str());
  }
  std::printf(
      "%.0f s simulated in %.1f s: %.0f sagas and %.0f faults per second; the slowest settled %s after the "
      "last fault\n",
      static_cast<double>(totals.simulated.count()) / 1e6, totals.seconds,
      static_cast<double>(totals.sagas) / totals.seconds,
      static_cast<double>(totals.faults.total()) / totals.seconds,
      skald::to_text(totals.slowest_to_settle).c_str());
  std::printf("0 violations\n");
}

bool tell_story(std::uint64_t seed) {
  runtime::Metrics metrics;
  Outcome outcome = run(seed, metrics, [](const std::string& line) { std::cout << line << "\n"; });
  RestartCounts restarts;
  if (const auto difference = compare_restarts(seed, restarts))
    outcome.violations.push_back("restart: " + *difference);
  for (const auto& source : outcome.definitions) std::cout << source << "\n";
  for (const auto& violation : outcome.violations) std::cout << "VIOLATED " << violation << "\n";
  std::cout << "log " << outcome.log_hash << ", views " << outcome.view_hash << ", " << outcome.events
            << " events, " << outcome.view_rows << " rows of views, " << outcome.violations.size()
            << " violations\n";
  return outcome.violations.empty();
}

}  // namespace skald::simulation
