// One connection of the HTTP client to its service: opened once, used for one exchange after the other,
// closed once. It never comes back: being this very object takes the place of a generation number, so a late
// event of a closed connection meets nothing. A read is always pending, so an idle connection notices when
// the service closes it, or speaks without being asked, before the next request is lost on it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/runtime/http_body.hpp"
#include "engine/runtime/http_client.hpp"
#include "engine/runtime/http_deadlines.hpp"
#include "engine/runtime/http_resolver.hpp"
#include "engine/runtime/http_socket.hpp"

namespace skald::runtime {

class HttpConnection;

// The pool, as its connections see it.
class HttpConnectionOwner {
 public:
  // The exchange is over; the connection is idle again, or closed.
  virtual void exchange_ended(HttpConnection& connection, HttpOutcome outcome) = 0;
  // An idle connection was closed by the service.
  virtual void idle_closed(HttpConnection& connection) = 0;

 protected:
  ~HttpConnectionOwner() = default;
};

// What the connections of a pool have in common.
struct HttpConnectionSettings {
  BaseUrl service;
  HttpClientLimits limits;
  std::shared_ptr<HttpResolver> resolver;
  std::shared_ptr<Deadlines> deadlines;
};

// Owned by the pool and, until they notice that it was closed, by its own operations that are under way.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::io_context& io, HttpConnectionOwner& owner,
                 const HttpConnectionSettings& settings);

  // Opens the connection, then sends the request. The request stays where it is until exchange_ended().
  void open_and_exchange(const HttpRequest& request);
  // The same on an idle connection.
  void exchange(const HttpRequest& request);
  // Whether a request may still be sent on this idle connection.
  bool is_usable();
  // Nothing is reported any more.
  void close();

  bool is_open() const { return state_ != State::Closed; }
  // Whether a byte of the exchange under way has left.
  bool has_sent() const { return state_ == State::Exchanging && socket_.bytes_sent() > 0; }
  // Whether this connection has answered before: then an exchange of which nothing left may go to another
  // one.
  bool was_used() const { return answers_ > 0; }

 private:
  enum class State { Opening, Idle, Exchanging, Closed };

  void connect_next();
  void connected();
  void connect_failed(const std::string& why);

  void send();
  void await_bytes();
  void on_bytes();
  void read_answer();
  bool read_head();
  bool begin_body();
  void read_body();
  void answer_complete();
  void stream_ended();
  void fail(HttpFailureKind kind, std::string detail);

  HttpConnectionOwner& owner_;
  const HttpConnectionSettings& settings_;
  HttpSocket socket_;
  State state_ = State::Opening;

  HttpEndpoints endpoints_;
  std::size_t next_endpoint_ =
      0;  // also tells a late event of an earlier attempt to connect from the present one
  std::string last_connect_failure_;
  Deadlines::Entry connect_deadline_;

  const HttpRequest* request_ = nullptr;
  std::string input_;  // received and not yet understood
  HeadScanner scanner_;
  AnswerHead head_;
  HttpBodyReader body_reader_;
  HttpAnswer answer_;
  bool head_read_ = false;
  bool ends_with_answer_ = false;  // no other exchange can follow
  int interim_answers_ = 0;
  std::size_t answers_ = 0;
  Deadlines::Clock::time_point idle_since_{};
};

}  // namespace skald::runtime
