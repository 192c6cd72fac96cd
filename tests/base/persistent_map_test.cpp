#include "engine/base/persistent_map.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "engine/base/random.hpp"

namespace skald {
namespace {

using Map = PersistentMap<std::string, int>;

std::map<std::string, int> contents(const Map& map) {
  std::map<std::string, int> all;
  for (const auto& [key, value] : map) all.emplace(key, value);
  return all;
}

}  // namespace

TEST_CASE(
    "persistent map: it holds what a std::map holds after the same changes, and copies keep what they had") {
  constexpr std::uint64_t kSeed = 20261121;
  INFO("seed " << kSeed);
  Random random(kSeed);
  Map map;
  std::map<std::string, int> model;
  Map copy;
  std::map<std::string, int> copied;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = "k" + std::to_string(random.below(500));
    if (random.below(3) == 0) {
      map.erase(key);
      model.erase(key);
    } else {
      map.update(key, [&](int& value) { value += i; });
      model[key] += i;
    }
    if (random.below(1000) == 0) copy = map, copied = model;
    const int* found = map.find(key);
    REQUIRE_EQ(found != nullptr, model.contains(key));
    if (found) REQUIRE_EQ(*found, model[key]);
  }
  CHECK_EQ(map.size(), model.size());
  CHECK(contents(map) == model);
  CHECK(contents(copy) == copied);
  for (const char* bound : {"", "k1", "k250", "k3x", "zzz"}) {
    const auto expected = model.lower_bound(bound);
    const auto found = map.lower_bound(std::string(bound));
    REQUIRE_EQ(found == map.end(), expected == model.end());
    if (expected != model.end()) CHECK_EQ(found->first, expected->first);
  }
}

TEST_CASE("persistent map: equal contents are equal, in whatever order they came") {
  PersistentMap<int, int> up, down;
  for (int i = 0; i < 1000; ++i) up.set(i, i);
  for (int i = 999; i >= 0; --i) down.set(i, i);
  CHECK(up == down);
  down.set(500, 1);
  CHECK_FALSE(up == down);
  down.set(500, 500);
  down.erase(7);
  CHECK_FALSE(up == down);
}

}  // namespace skald
