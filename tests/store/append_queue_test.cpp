// The queue of appends and the batches it forms, without a database.
#include "eventstore/pg/append_queue.hpp"

#include <set>

#include "tests/contract/log_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

struct Queue {
  Queue() {
    std::map<Partition, Tail> all;
    for (std::uint16_t number = 0; number < kPartitions; ++number) all[{number}] = {};
    holdings.gain(all);
    holdings.tell();
  }
  void push(Append append) {
    const auto index = results.size();
    results.emplace_back();
    queue.push(
        {std::move(append), [this, index](AppendResult result) { results[index] = std::move(result); }});
  }
  Holdings holdings;
  std::vector<std::optional<AppendResult>> results;
  AppendQueue queue{[](std::function<void()> act) { act(); }};
};

}  // namespace

TEST_CASE(
    "append queue: one bad append among many is found in twice the logarithm of their number, and alone") {
  for (int bad = 0; bad < 100; bad += 9) {
    CAPTURE(bad);
    Queue q;
    for (int i = 0; i < 100; ++i) q.push(start_of(saga_in({0}, i)));
    int refusals = 0;
    while (!q.queue.empty()) {
      auto batch = q.queue.gather();
      batch.place(1, q.holdings);
      const auto is_bad = [&](const PendingAppend& member) {
        return member.append.saga == saga_in({0}, bad);
      };
      if (std::any_of(batch.members().begin(), batch.members().end(), is_bad)) {
        ++refusals;
        q.queue.take_apart(std::move(batch), "refused");
      } else {
        q.queue.written(batch);
        batch.committed();
      }
    }
    CHECK(refusals <= 8);
    for (int i = 0; i < 100; ++i) {
      CHECK(is<Unstorable>(*q.results[static_cast<std::size_t>(i)]) == (i == bad));
    }
  }
}

TEST_CASE("append queue: a batch is bounded by events and by bytes") {
  Queue q;
  for (int i = 0; i < 3'000; ++i) q.push(start_of(saga_in({0}, i)));
  CHECK(q.queue.gather().events() == kMaxBatchEvents);
  Queue large;
  for (int i = 0; i < 10; ++i) {
    auto start = start_of(saga_in({0}, i));
    start.events[0].payload = '"' + std::string(1u << 20, 'x') + '"';
    large.push(start);
  }
  CHECK(large.queue.gather().size() == 4);
}

TEST_CASE("append queue: what is put back keeps its order, start keys that meet in a batch included") {
  Queue q;
  q.push(start_of(saga_in({0}, 1), "key"));
  q.push(start_of(saga_in({0}, 2), "key"));
  q.push(next_of(saga_in({0}, 2), 3));
  q.push(start_of(saga_in({0}, 3)));
  q.queue.put_back(q.queue.gather());
  auto again = q.queue.gather();
  CHECK(again.size() == 2);
  again.place(1, q.holdings);
  again.committed();
  CHECK(is<Committed>(*q.results[0]));
  CHECK(as<StartKeyTaken>(*q.results[1]).saga == saga_in({0}, 1));
  CHECK(is<StartKeyTaken>(*q.results[2]));
  CHECK(is<Committed>(*q.results[3]));
}

TEST_CASE("batch: positions follow the tails without holes, and the probe names its last event") {
  Queue q;
  q.holdings.advance({3}, {41, kNoon});
  q.push(start_of(saga_in({3}, 1), std::nullopt, kNoon - std::chrono::seconds(5)));
  q.push(next_of(saga_in({3}, 1), 3));
  auto batch = q.queue.gather();
  batch.place(9, q.holdings);
  CHECK(batch.tails().at({3}) == Tail{44, kNoon});
  const auto probe = batch.probe();
  CHECK(probe.position == Position{{3}, 44});
  CHECK(probe.version == 3);
  CHECK(probe.writer == 9);
  batch.committed();
  CHECK(as<Committed>(*q.results[0]).last.number == 43);
  CHECK(as<Committed>(*q.results[0]).last_time == kNoon);
}
