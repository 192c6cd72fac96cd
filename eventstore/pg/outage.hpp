// Outage: since when the database is away, why, and how long to wait before trying again. Used by Appender.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace skald::store {

// From here on a request is better answered with 503 than kept waiting.
inline constexpr std::chrono::seconds kLongOutage{1};

class Outage {
 public:
  // Returns whether it begins with this.
  bool begin(const std::string& why) {
    why_ = "the database is away: " + why;
    if (since_) return false;
    since_ = std::chrono::steady_clock::now();
    return true;
  }
  // Returns whether there was one.
  bool end() {
    pause_ = kFirstPause;
    return std::exchange(since_, std::nullopt).has_value();
  }
  bool is_long() const { return since_ && std::chrono::steady_clock::now() - *since_ >= kLongOutage; }
  const std::string& why() const { return why_; }
  // Short at first, because most outages are a restarted connection; never so long that a person waits for
  // it.
  std::chrono::milliseconds next_pause() {
    return std::exchange(pause_, std::min(pause_ * 2, kLongestPause));
  }

 private:
  static constexpr std::chrono::milliseconds kFirstPause{20}, kLongestPause{1'000};
  std::optional<std::chrono::steady_clock::time_point> since_;
  std::string why_;
  std::chrono::milliseconds pause_ = kFirstPause;
};

}  // namespace skald::store
