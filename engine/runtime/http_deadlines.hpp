// Many deadlines on one timer. The timer is set anew only when an earlier deadline comes or when it has
// fired: a deadline that is kept, as nearly all are, costs no system call. Used by the HTTP client's pool.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "engine/base/time.hpp"

namespace skald::runtime {

class Deadlines : public std::enable_shared_from_this<Deadlines> {
 public:
  using Clock = std::chrono::steady_clock;
  using Entry = std::multimap<Clock::time_point, std::function<void()>>::iterator;

  // Owned by a shared_ptr, because a timer that has already fired still refers to it.
  explicit Deadlines(boost::asio::io_context& io) : timer_(io) {}

  // `passed` is called once unless the entry is removed; the entry is gone when it is called.
  Entry add(Duration from_now, std::function<void()> passed);
  void remove(Entry entry) { entries_.erase(entry); }
  // Forgets all of them.
  void clear();

 private:
  void set_timer(Clock::time_point at);
  void fire();

  boost::asio::steady_timer timer_;
  std::multimap<Clock::time_point, std::function<void()>> entries_;
  Clock::time_point set_for_ = Clock::time_point::max();
};

}  // namespace skald::runtime
