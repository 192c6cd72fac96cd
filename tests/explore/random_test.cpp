// Definitions of every kind at random: whatever they say, no history is one that the rules forbid.
#include <doctest/doctest.h>

#include "sagas/explore/explore.hpp"
#include "tests/core/legal_log.hpp"
#include "tests/core/random_definition.hpp"
#include "tests/first_seed.hpp"

namespace skald::sagas {
namespace {

constexpr std::uint64_t kDefinitions = 60;
constexpr std::size_t kMost = 400;

void explore_at_random(core::Definition (*make)(Random&)) {
  for (std::uint64_t i = 0; i < kDefinitions; ++i) {
    Random random(skald::testing::first_seed() + i);
    const core::Definition definition = make(random);
    INFO("SKALD_SEED=", skald::testing::first_seed() + i, " test_explore -tc='explore: random*'");
    std::string fault;
    WalkOptions options;
    options.most_situations = kMost;
    options.witness = [&](const core::Definition& walked, const std::vector<core::Event>& log) {
      if (fault.empty()) fault = core::testing::fault_in(walked, log);
    };
    const Exploration found = explore(definition, options);
    CHECK_EQ(fault, "");
    CHECK_MESSAGE(found.faults.empty(), found.faults.front());
    CHECK_GT(found.histories, 0);
  }
}

TEST_CASE("explore: random definitions have no history that the rules forbid") {
  explore_at_random(core::testing::random_definition);
}

TEST_CASE("explore: random nested definitions have no history that the rules forbid") {
  explore_at_random(core::testing::random_nested_definition);
}

}  // namespace
}  // namespace skald::sagas
