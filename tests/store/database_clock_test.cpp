#include "eventstore/pg/database_clock.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace std::chrono_literals;

TEST_CASE("database clock: an answer that was on its way for a while does not turn the time back") {
  store::DatabaseClock clock;
  clock.observe(Timestamp{1'000'000'000'000});
  const Timestamp reached = clock.now();
  clock.observe(reached - 200ms);
  CHECK(clock.now() >= reached);
}

TEST_CASE("database clock: what the database tells is believed at once where it is later") {
  store::DatabaseClock clock;
  clock.observe(Timestamp{1'000'000'000'000});
  clock.observe(Timestamp{1'000'000'000'000} + 1h);
  CHECK(clock.now() >= Timestamp{1'000'000'000'000} + 1h);
}

TEST_CASE("database clock: another server's clock is believed, however early") {
  store::DatabaseClock clock;
  clock.observe(Timestamp{1'000'000'000'000});
  const Timestamp reached = clock.now();
  clock.observe(reached - 1h);
  CHECK(clock.now() < reached - 59min);
}
