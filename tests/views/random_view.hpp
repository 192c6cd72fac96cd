// random_view: a view file with a bit of everything that changes how rows are made, and events that suit it.
// It is text, so that the view of a failing seed can be read, and it goes through the real loader.
#pragma once

#include <string>

#include "engine/base/random.hpp"
#include "tests/views/seen_log.hpp"

namespace skald::views::testing {

std::string random_view(Random& random);

// Sagas in a few partitions, some of them sharing business keys, and facts that come in any order.
void tell_random_log(Random& random, SeenLog& log, std::size_t events);

struct ViewAndLog {
  ViewAndLog(std::uint64_t seed, std::size_t events);

  Random random;  // goes on behind them
  std::string text;
  View view;
  SeenLog log;
};

}  // namespace skald::views::testing
