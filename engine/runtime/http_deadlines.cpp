#include "engine/runtime/http_deadlines.hpp"

#include <utility>

namespace skald::runtime {

Deadlines::Entry Deadlines::add(Duration from_now, std::function<void()> passed) {
  const auto at = Clock::now() + from_now;
  // Deadlines of one service mostly come in order of time, so the end is the right place to look first.
  const auto entry = entries_.emplace_hint(entries_.end(), at, std::move(passed));
  if (at < set_for_) set_timer(at);
  return entry;
}

void Deadlines::clear() {
  entries_.clear();
  set_for_ = Clock::time_point::max();
  timer_.cancel();
}

void Deadlines::set_timer(Clock::time_point at) {
  set_for_ = at;
  timer_.expires_at(at);
  timer_.async_wait([weak = weak_from_this(), at](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    // A wait that was replaced by an earlier one may still come through.
    if (!self || failure || self->set_for_ != at) return;
    self->fire();
  });
}

void Deadlines::fire() {
  set_for_ = Clock::time_point::max();
  const auto now = Clock::now();
  while (!entries_.empty() && entries_.begin()->first <= now) {
    const auto passed = std::move(entries_.begin()->second);
    entries_.erase(entries_.begin());
    passed();
  }
  if (!entries_.empty() && entries_.begin()->first < set_for_) set_timer(entries_.begin()->first);
}

}  // namespace skald::runtime
