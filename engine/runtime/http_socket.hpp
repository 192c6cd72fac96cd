// A TCP socket as both directions of HTTP use it: non-blocking, tried at once, waited for only when the
// kernel is full or empty. So a message that fits leaves in one system call and it is known how many bytes
// left, and an idle connection holds no buffer.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <string>

namespace skald::runtime {

class HttpSocket {
 public:
  explicit HttpSocket(boost::asio::io_context& io) : socket_(io) {}
  explicit HttpSocket(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  boost::asio::ip::tcp::socket& raw() { return socket_; }
  // To be called once the socket is connected: no blocking, no waiting for fuller packets.
  void prepare();

  // What is to be sent: filled by the owner after begin_message(), sent by as many calls of send() as it
  // takes.
  std::string& begin_message();
  enum class Sent { Everything, Blocked, Failed };
  Sent send();
  std::size_t bytes_sent() const { return sent_; }  // of this message, handed to the kernel
  bool everything_sent() const { return sent_ == output_.size(); }

  // One read; what came is added to `into`.
  enum class Received { Something, Nothing, End, Failed };
  Received receive(std::string& into);
  // Whether the other side is silent, as it should be between two exchanges: no end, no bytes.
  bool is_silent();

  const boost::system::error_code& last_error() const { return last_error_; }
  void shut_sending();
  void close();

 private:
  boost::asio::ip::tcp::socket socket_;
  std::string output_;
  std::size_t sent_ = 0;
  boost::system::error_code last_error_;
};

}  // namespace skald::runtime
