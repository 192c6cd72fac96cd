// DatabaseClock: the time of the database as its last answer told it, plus monotonic time since. All nodes of
// one database so agree on the time within a round trip, whatever their own clocks say.
#pragma once

#include <chrono>

#include "engine/base/time.hpp"

namespace skald::store {

class DatabaseClock {
 public:
  void observe(Timestamp database_time) {
    told_ = database_time;
    told_at_ = std::chrono::steady_clock::now();
    ever_told_ = true;
  }
  // This machine's own time until the database has told its.
  Timestamp now() const { return ever_told_ ? told_ + since_told() : system_now(); }
  bool told_within(Duration span) const { return ever_told_ && since_told() <= span; }

 private:
  Duration since_told() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - told_at_);
  }
  Timestamp told_;
  std::chrono::steady_clock::time_point told_at_;
  bool ever_told_ = false;
};

}  // namespace skald::store
