// Seeds that every campaign begins with. A seed that has failed is written down here, with what it found,
// before the engine is mended. It tells that story only as long as nothing draws chance in another order, so
// a small test of its own belongs to what was found as well; here it costs a few milliseconds and one line.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace skald::simulation {

struct KeptSeed {
  std::uint64_t seed;
  std::string_view found;
};

inline constexpr std::array kKeptSeeds = {
    KeptSeed{29,
             "nothing: the story that the README shows, with each node killed and one of them frozen before"},
};

}  // namespace skald::simulation
