// Chance: the one source of randomness of a run. The same seed gives the same choices in the same order, and
// so the same run.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace skald::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::size_t between(std::size_t least, std::size_t most) { return least + below(most - least + 1); }
  Duration between(Duration least, Duration most) {
    return least +
           Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }
  template <class T>
  const T& pick(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  // A source of its own for somebody who draws a number of times that must not change the others' choices.
  Random branch() { return Random(random_.next()); }
  Random& random() { return random_; }

 private:
  Random random_;
};

}  // namespace skald::simulation
