// What must hold along the positions of a partition, each violated once.
#include "api/replay/partition_walk.hpp"

#include <doctest/doctest.h>

namespace skald::api {
namespace {

constexpr Timestamp kStart{1'767'225'600'000'000};

store::EventPlaced event(std::int64_t position, std::int32_t writer, std::int64_t second) {
  return {{{3}, position}, {}, 1, writer, kStart + Duration(std::chrono::seconds(second))};
}
store::WriterRow writer(std::int32_t number, std::optional<std::int64_t> revoked = std::nullopt) {
  store::WriterRow row;
  row.writer = number;
  if (revoked) row.revoked_at = kStart + Duration(std::chrono::seconds(*revoked));
  return row;
}

// "I5 3-2" for each violation.
std::vector<std::string> found(const std::vector<store::EventPlaced>& events, std::int64_t head,
                               const std::vector<store::WriterRow>& writers,
                               std::optional<std::int32_t> owner, std::int64_t kept_below = 1) {
  std::vector<std::string> all;
  PartitionWalk walk({3}, kept_below, [&](Violation one) { all.push_back(one.invariant + " " + one.place); });
  for (const auto& one : events) walk.take(one);
  walk.end(head, writers, owner);
  return all;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("partition walk: one writer after the other, each revoked before the next, is as it must be") {
  CHECK(found({event(1, 1, 0), event(2, 1, 1), event(3, 2, 5)}, 3, {writer(1, 4), writer(2)}, 2) == Found{});
  CHECK(found({}, 0, {}, std::nullopt) == Found{});
  CHECK(found({event(1, 1, 0)}, 1, {writer(1, 4)}, std::nullopt) == Found{});
}

TEST_CASE("partition walk: a hole is found, at the beginning, in the middle and at the end") {
  const std::vector<store::WriterRow> writers{writer(1)};
  CHECK(found({event(2, 1, 0)}, 2, writers, 1) == Found{"I5 3-2"});
  CHECK(found({event(1, 1, 0), event(3, 1, 0)}, 3, writers, 1) == Found{"I5 3-3"});
  CHECK(found({event(1, 1, 0)}, 2, writers, 1) == Found{"I5 3-2"});
}

TEST_CASE(
    "partition walk: what retention took is no hole, what is missing behind it is one, and nothing comes "
    "twice") {
  const std::vector<store::WriterRow> writers{writer(1)};
  CHECK(found({event(3, 1, 0), event(6, 1, 0), event(9, 1, 0)}, 9, writers, 1, 9) == Found{});
  CHECK(found({event(3, 1, 0), event(9, 1, 0)}, 9, writers, 1, 8) == Found{"I5 3-9"});
  CHECK(found({event(3, 1, 0)}, 3, writers, 1, 20) == Found{});
  CHECK(found({event(3, 1, 0)}, 4, writers, 1, 20) == Found{"I5 3-4"});
  CHECK(found({event(3, 1, 0), event(3, 1, 0)}, 3, writers, 1, 20) == Found{"I5 3-3"});
}

TEST_CASE("partition walk: a time that falls is found") {
  CHECK(found({event(1, 1, 9), event(2, 1, 8)}, 2, {writer(1)}, 1) == Found{"I5 3-2"});
}

TEST_CASE("partition walk: a change of writers that no revocation explains is found") {
  const std::vector<store::EventPlaced> events{event(1, 1, 0), event(2, 2, 9)};
  CHECK(found(events, 2, {writer(1), writer(2)}, 2) == Found{"I6 3-2"});
  CHECK(found(events, 2, {writer(2)}, 2) == Found{"I6 3-2"});
  CHECK(found(events, 2, {writer(1, 4)}, 2) == Found{"I6 3-2"});
}

TEST_CASE("partition walk: what a revoked writer appends is found") {
  CHECK(found({event(1, 1, 0), event(2, 2, 5), event(3, 1, 6)}, 3, {writer(1, 4), writer(2, 6)}, 1) ==
        Found{"I6 3-3"});
  CHECK(found({event(1, 1, 9), event(2, 2, 10)}, 2, {writer(1, 4), writer(2)}, 2) == Found{"I6 3-2"});
  CHECK(found({event(1, 1, 0)}, 1, {writer(1)}, 7) == Found{"I6 3-1"});
}

}  // namespace skald::api
