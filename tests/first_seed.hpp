// first_seed: where a random test begins: at SKALD_SEED, which one that failed has printed; else where it
// always does.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace skald::testing {

inline std::uint64_t first_seed(std::uint64_t otherwise = 1) {
  const char* given = std::getenv("SKALD_SEED");
  return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

}  // namespace skald::testing
