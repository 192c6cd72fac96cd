// Window: the newest events of one partition, in memory, without a gap. What is older than it is read from
// the log. It may be thrown away at any time: memory is an optimisation.
#pragma once

#include <deque>

#include "projections/view_event.hpp"

namespace skald::views {

class Window {
 public:
  // As if everything up to `end` lay behind it, and nothing in it.
  void restart(std::int64_t end) {
    events_.clear();
    end_ = end;
  }
  // The next event; one that is known already is dropped, one behind a gap begins the window anew.
  void follow(ViewEventPtr event) {
    const auto position = event->place.position.number;
    if (position <= end_) return;
    if (position != end_ + 1) events_.clear();
    end_ = position;
    events_.push_back(std::move(event));
  }
  void forget_until(std::int64_t position) {
    while (!events_.empty() && first() <= position) events_.pop_front();
  }

  std::int64_t first() const { return end_ - static_cast<std::int64_t>(events_.size()) + 1; }
  std::int64_t end() const { return end_; }  // position of the last event
  std::size_t size() const { return events_.size(); }
  // Whether whoever stands at `position` goes on from here, and not from the log.
  bool continues(std::int64_t position) const { return position + 1 >= first(); }
  // The event at that position, which is in the window. It outlives its place there.
  const ViewEventPtr& at(std::int64_t position) const {
    return events_[static_cast<std::size_t>(position - first())];
  }

 private:
  std::deque<ViewEventPtr> events_;
  std::int64_t end_ = 0;
};

}  // namespace skald::views
