#include "engine/base/ids.hpp"

#include <doctest/doctest.h>

#include <cctype>

#include "engine/base/sha256.hpp"

using namespace skald;

TEST_CASE("ids: a saga id is a UUIDv7 that carries its partition and orders by time") {
  Random random(1);
  const auto earlier = new_saga_id({1'000'000}, {63}, random);
  const auto later = new_saga_id({1'000'500}, {2}, random);
  CHECK(earlier.partition().number == 63);
  CHECK(earlier < later);
  CHECK(to_text(earlier)[14] == '7');
  CHECK(parse_saga_id(to_text(earlier)).value() == earlier);
  CHECK(parse_saga_id("not-an-id").has_error());
}

TEST_CASE("ids: the partition of a business key is the head of its SHA-256") {
  // printf x | sha256sum: 2d711642 b726b044 …
  CHECK(partition_of("x", 64).number == 0x2d711642u % 64);
}

TEST_CASE("ids: a business key that is a saga's id lies in that saga's partition") {
  Random random(1);
  const auto saga = new_saga_id({1'000'000}, {63}, random);
  CHECK(partition_of(to_text(saga), 64).number == 63);
  // An id of another database, another kind of UUID, and an id written otherwise are keys like any other.
  CHECK(partition_of(to_text(saga), 16).number < 16);
  const auto by_hash = [](std::string_view key) { return partition_of(key, 64).number; };
  std::string other = to_text(saga);
  other[14] = '4';
  CHECK(by_hash(other) == sha256(other)[3] % 64);
  std::string shouted = to_text(saga);
  for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(by_hash(shouted) == sha256(shouted)[3] % 64);
}

TEST_CASE("ids: a position is written and read") {
  CHECK(to_text(parse_position("17-204").value()) == "17-204");
  for (const char* bad : {"", "17", "-1", "17-", "17-x", "99999-1", "1--1"})
    CHECK(parse_position(bad).has_error());
}
