#include "engine/base/ids.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("ids: a position is written and read") {
  CHECK(to_text(parse_position("17-204").value()) == "17-204");
  for (const char* bad : {"", "17", "-1", "17-", "17-x", "99999-1", "1--1"})
    CHECK(parse_position(bad).has_error());
}
