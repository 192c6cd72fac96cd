#include "api/shutdown.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace skald::api {

Shutdown::Shutdown(boost::asio::io_context& io) : io_(io), signals_(io, SIGINT, SIGTERM) {
  // A log that is piped into something which has ended must not end us too.
  std::signal(SIGPIPE, SIG_IGN);
  signals_.async_wait([this](const boost::system::error_code& cancelled, int) {
    if (cancelled) return;
    asked_ = true;
    signals_.clear();  // gives the signals their first meaning back: the next one ends the process at once
    io_.stop();
  });
}

void Shutdown::wait() {
  const auto work = boost::asio::make_work_guard(io_);
  if (!asked_) io_.run();
}

Starting::Starting(boost::asio::io_context& io, Shutdown& shutdown, std::function<void()> last_words)
    : io_(io) {
  watching_ = std::thread([this, &shutdown, last_words = std::move(last_words)] {
    const auto work = boost::asio::make_work_guard(io_);
    io_.run();
    if (!shutdown.asked() || !starting_.exchange(false)) return;
    last_words();
    std::_Exit(EXIT_SUCCESS);  // other threads are at work, nothing may be destroyed below them
  });
}

Starting::~Starting() {
  begun();
}

void Starting::begun() {
  if (!watching_.joinable()) return;
  starting_ = false;
  io_.stop();
  watching_.join();
  io_.restart();
}

}  // namespace skald::api
