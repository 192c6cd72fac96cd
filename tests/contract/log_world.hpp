// LogWorld: one database with its lanes, as the contract of the log sees it. The same tests run in a world of
// memory and in one of PostgreSQL; what a test does to a world is named here, how it is done is the world's.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/lane.hpp"
#include "eventstore/log.hpp"

namespace skald::store::testing {

class LogWorld {
 public:
  virtual ~LogWorld() = default;
  virtual std::unique_ptr<Log> log(LaneName name) = 0;
  // Turns the loop until it is so; a test that waits in vain fails.
  virtual void run_until(const std::function<bool()>& it_is_so) = 0;
  // Makes it look as if no lane of this node had beaten for a minute.
  virtual void make_silent(const std::string& node) = 0;

  std::unique_ptr<Log> opened(LaneName name) {
    auto log = this->log(std::move(name));
    auto partitions = await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); });
    REQUIRE_MESSAGE(partitions.has_value(), (partitions ? "" : partitions.error().message));
    return log;
  }

  // Calls `ask` with a callback and waits for what it is called with.
  template <class T>
  T await(const std::function<void(std::function<void(T)>)>& ask) {
    auto answer = std::make_shared<std::optional<T>>();
    ask([answer](T value) {
      CHECK_MESSAGE(!answer->has_value(), "a callback is called once");
      *answer = std::move(value);
    });
    CHECK_MESSAGE(!answer->has_value(), "a callback is never called inside the call");
    run_until([&] { return answer->has_value(); });
    return std::move(**answer);
  }

  AppendResult append(Log& log, Append append) {
    return await<AppendResult>([&](auto done) { log.append(std::move(append), done); });
  }
  // All at once, so that they share batches; results in order of the appends.
  std::vector<AppendResult> append_all(Log& log, std::vector<Append> appends) {
    auto results = std::make_shared<std::vector<std::optional<AppendResult>>>(appends.size());
    for (std::size_t i = 0; i < appends.size(); ++i) {
      log.append(std::move(appends[i]),
                 [results, i](AppendResult result) { (*results)[i] = std::move(result); });
    }
    std::vector<AppendResult> all;
    for (auto& result : *results) {
      run_until([&] { return result.has_value(); });
      all.push_back(*result);
    }
    return all;
  }
  std::vector<StoredEvent> read_saga(Log& log, SagaId saga, std::int32_t after = 0,
                                     std::size_t limit = 1'000) {
    return await<Result<std::vector<StoredEvent>>>(
               [&](auto done) { log.read_saga(saga, after, limit, done); })
        .value();
  }
  std::vector<StoredEvent> read_partition(Log& log, Partition partition, std::int64_t after = 0,
                                          std::size_t limit = 100'000) {
    return await<Result<std::vector<StoredEvent>>>(
               [&](auto done) { log.read_partition(partition, after, limit, done); })
        .value();
  }
  Ownership beat(Log& log) {
    return await<Result<Ownership>>([&](auto done) { log.beat(done); }).value();
  }
  std::vector<SagaRow> list(Log& log, SagaFilter filter) {
    return await<Result<std::vector<SagaRow>>>([&](auto done) { log.list_sagas(filter, done); }).value();
  }
};

inline constexpr std::uint16_t kPartitions = 8;
inline constexpr Timestamp kNoon{1'800'000'000'000'000};

// A saga of that partition; the same number gives the same id, a larger one a newer one.
inline SagaId saga_in(Partition partition, int number) {
  Random random(static_cast<std::uint64_t>(number));
  return new_saga_id(kNoon + std::chrono::milliseconds(number), partition, random);
}

inline NewEvent event(std::string type, Timestamp time = kNoon, std::string payload = R"({"step":"apply"})") {
  return {std::move(type), std::move(payload), time};
}

inline Append start_of(SagaId saga, std::optional<std::string> key = std::nullopt, Timestamp time = kNoon) {
  SagaStart start{"recruitment", 1, std::string(64, 'a'), to_text(saga), std::move(key), {}};
  start.request_hash.fill(7);
  return {saga,
          1,
          {event("SagaStarted", time), event("StepRequested", time)},
          start,
          SagaStatus{"running", {}, {}}};
}

inline Append next_of(SagaId saga, std::int32_t version, Timestamp time = kNoon) {
  return {saga, version, {event("StepSucceeded", time)}, {}, {}};
}

inline Append end_of(SagaId saga, std::int32_t version, Timestamp time = kNoon) {
  return {saga, version, {event("SagaEnded", time)}, {}, SagaStatus{"completed", {}, time}};
}

template <class T>
const T& as(const AppendResult& result) {
  const auto* wanted = std::get_if<T>(&result);
  if (const auto* away = std::get_if<LogUnavailable>(&result)) MESSAGE("unavailable: " << away->why);
  if (const auto* bad = std::get_if<Unstorable>(&result)) MESSAGE("unstorable: " << bad->why);
  REQUIRE_MESSAGE(wanted, "the append ended otherwise, as alternative " << result.index());
  return *wanted;
}

template <class T>
bool is(const AppendResult& result) {
  return std::holds_alternative<T>(result);
}

// What must hold in any log at any time: positions, versions and times without holes and falls.
inline void check_log(LogWorld& world, Log& log) {
  std::map<SagaId, std::int32_t> versions;
  for (std::uint16_t number = 0; number < kPartitions; ++number) {
    std::int64_t position = 0;
    Timestamp time{};
    for (const auto& event : world.read_partition(log, {number})) {
      CHECK(event.position == Position{{number}, ++position});
      CHECK(event.version == ++versions[event.saga]);
      CHECK(event.time >= time);
      time = event.time;
    }
  }
}

}  // namespace skald::store::testing
