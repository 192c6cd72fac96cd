// Chance for the shell: jitter, ids, the seed handed to the core. xoshiro256** (Blackman and Vigna, 2018);
// not for secrets.
#pragma once

#include <array>
#include <cstdint>

namespace skald {

class Random {
 public:
  // The same seed gives the same numbers, for ever.
  explicit Random(std::uint64_t seed);
  // Seeded by the operating system.
  static Random from_system();

  std::uint64_t next();
  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace skald
