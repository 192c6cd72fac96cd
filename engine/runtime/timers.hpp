// Timers: everything one lane waits for by the clock, in one ordered set. It asks no clock itself: whoever
// owns it says what time it is, so the simulator moves it and the engine drives it with one Asio timer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/time.hpp"

namespace skald::runtime {

class Timers {
 public:
  using Id = std::uint64_t;  // never 0

  // `on_earlier` is called when the earliest due time has moved forward, so that its driver can wake in time.
  explicit Timers(std::function<void()> on_earlier = [] {}) : on_earlier_(std::move(on_earlier)) {}

  Id at(Timestamp due, std::function<void()> action);
  void cancel(Id id);
  std::optional<Timestamp> next_due() const;
  // Runs what is due by `now`, in order of due time. What an action adds for a time that has come runs as
  // well.
  void run_due(Timestamp now);
  std::size_t size() const { return actions_.size(); }

 private:
  using Key = std::pair<Timestamp, Id>;
  std::map<Key, std::function<void()>> actions_;
  std::map<Id, Timestamp> due_;
  Id last_id_ = 0;
  std::function<void()> on_earlier_;
};

}  // namespace skald::runtime
