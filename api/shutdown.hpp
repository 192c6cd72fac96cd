// Runs a process until somebody asks it to end: SIGTERM or SIGINT ends it in order, a second one at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

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

}  // namespace skald::api
