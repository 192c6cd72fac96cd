// DatabaseClock: the time of the database as its last answer told it, plus monotonic time since. All nodes of
// one database so agree on the time within a round trip, whatever their own clocks say.
//
// It stands still rather than fall when an answer, which was on its way for a while, tells an earlier time: a
// call that has left because its time had come must not seem to be still waiting for it, or a cancel would
// not undo it.
#pragma once

#include <algorithm>
#include <chrono>

#include "engine/base/time.hpp"

namespace skald::store {

class DatabaseClock {
 public:
  void observe(Timestamp database_time) {
    const Timestamp reached = now();
    floor_ = ever_told_ && reached - database_time < kLongestTrip ? reached : database_time;
    told_ = database_time;
    told_at_ = std::chrono::steady_clock::now();
    ever_told_ = true;
  }
  // This machine's own time until the database has told its.
  Timestamp now() const { return ever_told_ ? std::max(floor_, told_ + since_told()) : system_now(); }
  bool told_within(Duration span) const { return ever_told_ && since_told() <= span; }

 private:
  // Longer than any answer is waited for. Who tells an even earlier time has another clock, and is believed.
  static constexpr Duration kLongestTrip = std::chrono::seconds(10);

  Duration since_told() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - told_at_);
  }
  Timestamp told_;
  Timestamp floor_;  // as far as the clock had come when it was told
  std::chrono::steady_clock::time_point told_at_;
  bool ever_told_ = false;
};

}  // namespace skald::store
