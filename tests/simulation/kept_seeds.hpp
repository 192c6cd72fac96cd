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
    KeptSeed{16,
             "an undo that could not be written, retried by an operator, was called without end instead of "
             "getting stuck"},
    KeptSeed{29,
             "nothing: the story that the README shows, with each node killed and one of them frozen before"},
    KeptSeed{80,
             "a call that had waited for an open circuit and then left was given up as not done by an undo "
             "beside it"},
    KeptSeed{272, "accepted work was given up as not done when its poll met an open circuit"},
    KeptSeed{350, "a failure of an older core, not looked at before it was gone"},
    KeptSeed{400, "the same"},
    KeptSeed{644, "of the simulator: nobody helped a saga that began when all had settled"},
    KeptSeed{822, "of legal_log: an event may cancel behind the pivot, where it says forever"},
    KeptSeed{1525,
             "of the restarts: a child's id is drawn by chance, and differs with the order of branches"},
    KeptSeed{
        9322,
        "of the simulator: a child that undid something may be undone before its parent has heard of it"},
};

}  // namespace skald::simulation
