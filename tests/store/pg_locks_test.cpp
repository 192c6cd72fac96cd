// Rows of the log that somebody else has locked: the sagas whose rows they are wait, and nobody else does.
#include <chrono>

#include "tests/contract/pg_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

const LaneName kLane{"node", 0, 1};

std::vector<SagaId> running(LogWorld& world, Log& log, int count) {
  std::vector<SagaId> sagas;
  std::vector<Append> starts;
  for (int number = 1; number <= count; ++number) {
    sagas.push_back(saga_in({static_cast<std::uint16_t>(number % kPartitions)}, number));
    starts.push_back(start_of(sagas.back()));
  }
  for (const auto& result : world.append_all(log, std::move(starts))) as<Committed>(result);
  return sagas;
}

// A session that has locked the row of this saga until it rolls back.
BlockingConnection holder_of(PgWorld& world, SagaId saga) {
  auto session = world.connect();
  session.run("begin").value();
  session.run("select from skald.saga where saga_id = $1::uuid for update", {to_text(saga)}).value();
  return session;
}

std::vector<Append> ends_of(const std::vector<SagaId>& sagas) {
  std::vector<Append> ends;
  for (const SagaId& saga : sagas) ends.push_back(end_of(saga, 3));
  return ends;
}

}  // namespace

TEST_CASE("locks: a row that somebody else has locked keeps its own saga waiting, and no other one") {
  PgWorld world;
  const auto log = world.opened(kLane);
  const auto sagas = running(world, *log, 20);
  const std::string writer = world.value("select writer from skald.writer where revoked_at is null");
  auto somebody = holder_of(world, sagas[7]);

  const auto began = std::chrono::steady_clock::now();
  const auto results = world.append_all(*log, ends_of(sagas));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(3));
  for (std::size_t i = 0; i < sagas.size(); ++i) {
    CAPTURE(i);
    if (i == 7)
      CHECK(as<LogUnavailable>(results[i]).why.find("locked") != std::string::npos);
    else
      CHECK(is<Committed>(results[i]));
  }
  CHECK(log->healthy());
  CHECK(is<Committed>(world.append(*log, start_of(saga_in({3}, 100)))));

  somebody.run("rollback").value();
  CHECK(is<Committed>(world.append(*log, end_of(sagas[7], 3))));
  CHECK(world.value("select count(*) from skald.saga where ended_at is not null") == "20");
  CHECK(world.value("select writer from skald.writer where revoked_at is null") == writer);
  check_log(world, *log);
}

TEST_CASE("locks: whoever has locked the writer's own row is ended, and the lane goes on") {
  PgWorld world;
  const auto log = world.opened(kLane);
  as<Committed>(world.append(*log, start_of(saga_in({1}, 1))));
  const std::string writer = world.value("select writer from skald.writer where revoked_at is null");
  auto somebody = world.connect();
  somebody.run("begin").value();
  somebody.run("select from skald.writer where revoked_at is null for update").value();

  // Told to come again, or kept waiting until it is written.
  const auto first = world.append(*log, start_of(saga_in({2}, 2)));
  world.run_until([&] { return log->healthy(); });
  if (!is<Committed>(first)) CHECK(is<Committed>(world.append(*log, start_of(saga_in({2}, 2)))));
  CHECK_FALSE(somebody.run("rollback").has_value());
  CHECK(world.value("select writer from skald.writer where revoked_at is null") != writer);
  check_log(world, *log);
}
