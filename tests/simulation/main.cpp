// simulate --seeds N [--first SEED] | --seed SEED [--verbose]
#include <charconv>
#include <cstdint>
#include <iostream>
#include <string_view>
#include <vector>

#include "engine/base/log.hpp"
#include "tests/simulation/campaign.hpp"

namespace {

using namespace skald::simulation;

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

int usage() {
  std::cerr << "simulate --seeds N [--first SEED] | --seed SEED [--verbose]\n";
  return 2;
}

}  // namespace

int main(int count, char** words) {
  // What the engine itself says is wanted only where it stops itself.
  skald::log::start("critical", false);
  Campaign campaign;
  bool verbose = false;
  const std::vector<std::string_view> arguments(words + 1, words + count);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--verbose") {
      verbose = true;
      continue;
    }
    std::uint64_t number = 0;
    if (i + 1 == arguments.size() || !read_number(arguments[i + 1], number)) return usage();
    if (arguments[i] == "--seeds")
      campaign.seeds = number;
    else if (arguments[i] == "--first")
      campaign.first_seed = number;
    else if (arguments[i] == "--seed")
      campaign = {number, 1};
    else
      return usage();
    ++i;
  }
  if (verbose) return tell_story(campaign.first_seed) ? 0 : 1;
  const auto totals = hold(campaign);
  if (!totals) return 1;
  print(*totals);
  return campaign.seeds == 1 || is_enough(*totals) ? 0 : 1;
}
