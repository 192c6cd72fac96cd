#include "engine/runtime/http_socket.hpp"

#include <array>
#include <boost/asio/buffer.hpp>

namespace skald::runtime {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// One read's worth, shared by all sockets of a thread: what comes is copied out before anything else runs.
thread_local std::array<char, 64u << 10> read_buffer;

// An output buffer that grew for one large message is given back.
constexpr std::size_t kKeptOutputBytes = 16u << 10;

bool would_block(const boost::system::error_code& failure) {
  return failure == asio::error::would_block || failure == asio::error::try_again;
}

}  // namespace

void HttpSocket::prepare() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

std::string& HttpSocket::begin_message() {
  if (output_.capacity() > kKeptOutputBytes) output_ = {};
  output_.clear();
  sent_ = 0;
  return output_;
}

HttpSocket::Sent HttpSocket::send() {
  while (!everything_sent()) {
    const auto rest = asio::buffer(output_.data() + sent_, output_.size() - sent_);
    sent_ += socket_.write_some(rest, last_error_);
    if (would_block(last_error_)) return Sent::Blocked;
    if (last_error_) return Sent::Failed;
  }
  return Sent::Everything;
}

HttpSocket::Received HttpSocket::receive(std::string& into) {
  const std::size_t count = socket_.read_some(asio::buffer(read_buffer), last_error_);
  into.append(read_buffer.data(), count);
  if (!last_error_) return Received::Something;
  if (would_block(last_error_)) return Received::Nothing;
  return last_error_ == asio::error::eof ? Received::End : Received::Failed;
}

bool HttpSocket::is_silent() {
  char byte;
  socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, last_error_);
  return would_block(last_error_);
}

void HttpSocket::shut_sending() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void HttpSocket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace skald::runtime
