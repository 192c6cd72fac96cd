// What a lane holds and what it was told: nothing is appended on a belief that may be stale.
#include "eventstore/pg/holdings.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace skald::store;

namespace {

constexpr Partition kA{1}, kB{2}, kC{3};
const Tail kEmpty{}, kSeven{7, {100}};

Holdings holding(std::map<Partition, Tail> all) {
  Holdings holdings;
  holdings.gain(all);
  holdings.tell();
  return holdings;
}

}  // namespace

TEST_CASE("holdings: a partition may be appended to once the lane was told of it") {
  Holdings holdings;
  holdings.gain({{kA, kSeven}});
  CHECK(!holdings.may_append(kA));
  CHECK(holdings.tell().gained == std::vector<Partition>{kA});
  CHECK(holdings.may_append(kA));
  CHECK(holdings.tell().gained.empty());
}

TEST_CASE("holdings: what is kept at a renewal goes on without a word") {
  auto holdings = holding({{kA, kSeven}, {kB, kEmpty}});
  CHECK(holdings.renew({{kA, kSeven}, {kB, kEmpty}}, {kA, kB}).empty());
  CHECK(holdings.may_append(kA));
  const auto told = holdings.tell();
  CHECK(told.lost.empty());
  CHECK(told.gained.empty());
}

TEST_CASE(
    "holdings: what others had in between is lost and gained, and not appended to before that was told") {
  auto holdings = holding({{kA, kSeven}, {kB, kEmpty}});
  holdings.renew({{kA, {9, {200}}}, {kC, kEmpty}}, {});
  CHECK(!holdings.may_append(kA));
  CHECK(holdings.tail(kA).position == 9);
  const auto told = holdings.tell();
  CHECK(told.lost == std::vector<Partition>{kA, kB});
  CHECK(told.gained == std::vector<Partition>{kA, kC});
  CHECK(holdings.may_append(kA));
}

TEST_CASE("holdings: a kept partition whose log ends elsewhere than memory says is loaded anew") {
  auto holdings = holding({{kA, kSeven}, {kB, kSeven}});
  CHECK(holdings.renew({{kA, {5, {90}}}, {kB, kSeven}}, {kA, kB}) == std::vector<Partition>{kA});
  CHECK(!holdings.may_append(kA));
  CHECK(holdings.may_append(kB));
}

TEST_CASE("holdings: what was gained and lost before anyone was told is not spoken of") {
  Holdings holdings;
  holdings.gain({{kA, kEmpty}});
  holdings.renew({}, {});
  const auto told = holdings.tell();
  CHECK(told.lost.empty());
  CHECK(told.gained.empty());
}
