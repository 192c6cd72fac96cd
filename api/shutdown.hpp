// Runs a process until somebody asks it to end: SIGTERM or SIGINT ends it in order, a second one at once.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <thread>

namespace skald::api {

class Shutdown {
 public:
  // The signals are taken from here on: begin before threads begin.
  explicit Shutdown(boost::asio::io_context& io);
  // Runs `io` on this thread until a signal comes.
  void wait();
  bool asked() const { return asked_; }

 private:
  boost::asio::io_context& io_;
  boost::asio::signal_set signals_;
  bool asked_ = false;
};

// While a process starts, its main thread may wait long for a database that hangs. Nothing was promised by
// then, so a signal ends the process at once, as a crash would: from the constructor on until begun().
class Starting {
 public:
  Starting(boost::asio::io_context& io, Shutdown& shutdown, std::function<void()> last_words);
  ~Starting();
  // The process has started; from here on the shutdown is waited for.
  void begun();

 private:
  boost::asio::io_context& io_;
  std::atomic<bool> starting_ = true;
  std::thread watching_;
};

}  // namespace skald::api
