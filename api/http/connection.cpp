#include "api/http/connection.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "api/http/problem.hpp"
#include "engine/base/log.hpp"

namespace skald::api {

using boost::asio::ip::tcp;
using runtime::HeadScanner;
using runtime::HttpBodyReader;
using runtime::HttpSocket;

namespace {

// An idle connection keeps no more than this of the buffer a large request made.
constexpr std::size_t kKeptInputBytes = 4u << 10;

Response took_too_long() {
  return problem(408, "timeout", "Request too slow", "The request did not arrive in time.");
}

Response failed() {
  return problem(unexpected("The request failed for a reason that is in the server's log."));
}

}  // namespace

// What the copies of one Responder share. When the last of them goes without an answer, the client gets a 500
// instead of waiting for ever.
class Connection::PendingAnswer {
 public:
  PendingAnswer(std::weak_ptr<Connection> connection, std::uint64_t number)
      : connection_(std::move(connection)), number_(number) {}
  PendingAnswer(const PendingAnswer&) = delete;

  ~PendingAnswer() {
    const auto connection = is_given_ ? nullptr : connection_.lock();
    if (!connection) return;
    // The last copy may go anywhere, on another lane's thread even.
    boost::asio::post(connection->socket_.raw().get_executor(), [connection, number = number_] {
      if (!connection->is_handling(number)) return;
      log::error("http: a handler let go of a request without an answer");
      connection->answer(number, failed());
    });
  }

  void give(const Response& response) {
    is_given_ = true;
    if (const auto connection = connection_.lock()) connection->answer(number_, response);
  }

 private:
  const std::weak_ptr<Connection> connection_;
  const std::uint64_t number_;
  bool is_given_ = false;
};

Connection::Connection(tcp::socket socket, std::string peer, std::shared_ptr<ServerState> server)
    : socket_(std::move(socket)), peer_(std::move(peer)), server_(std::move(server)) {}

void Connection::start() {
  socket_.prepare();
  enter(Phase::Idle, server_->limits.head_time);
  advance();
}

void Connection::start_refused(const Response& why) {
  socket_.prepare();
  refuse(why);
  advance();
}

void Connection::enter(Phase phase, Duration at_most) {
  phase_ = phase;
  deadline_ = Clock::now() + at_most;
}

// ---- the life of a request ----

void Connection::advance() {
  // A handler that answers at once comes back here; the loop that is already running goes on for it.
  if (is_advancing_) return;
  is_advancing_ = true;
  const auto alive = shared_from_this();
  while (step()) {
  }
  is_advancing_ = false;
  if (is_reading()) await_bytes();
}

// True when something was done and more may be possible at once.
bool Connection::step() {
  switch (phase_) {
    case Phase::Idle: return begin_request();
    case Phase::Head: return read_head();
    case Phase::Body: return read_body();
    case Phase::Writing: return write();
    case Phase::Handling:
    case Phase::Lingering:
    case Phase::Closed: return false;
  }
  return false;
}

bool Connection::begin_request() {
  if (input_.empty()) {
    if (input_.capacity() > kKeptInputBytes) input_ = {};
    return false;
  }
  scanner_.restart();
  skipped_empty_line_ = false;
  manner_ = {};
  enter(Phase::Head, server_->limits.head_time);
  return true;
}

bool Connection::read_head() {
  const auto max_bytes = server_->limits.head_bytes;
  const auto found = scanner_.scan(input_);
  if (scanner_.size() > max_bytes) return refuse(head_too_long(max_bytes));
  if (found == HeadScanner::Found::NotYet) return false;
  if (found == HeadScanner::Found::BareLineFeed) return refuse(malformed("a line does not end with CRLF"));
  if (scanner_.size() == 2 && !skipped_empty_line_) {
    // One empty line before a request is forgiven (RFC 9112 section 2.2).
    input_.erase(0, 2);
    scanner_.restart();
    return skipped_empty_line_ = true;
  }
  auto checked = front_check(std::string_view(input_).substr(0, scanner_.size()), server_->limits.body_bytes);
  input_.erase(0, scanner_.size());
  if (const auto* why = std::get_if<Response>(&checked)) return refuse(*why);
  return begin_body(std::get<CheckedHead>(std::move(checked)));
}

bool Connection::begin_body(CheckedHead checked) {
  request_ = std::move(checked.request);
  request_.peer = peer_;
  manner_ = {checked.keep_alive, checked.minor_version, request_.method == "HEAD"};
  body_reader_ = HttpBodyReader(checked.framing, server_->limits.body_bytes);
  enter(Phase::Body, server_->limits.body_time);
  const bool has_body = checked.framing.kind == runtime::BodyKind::Chunked || checked.framing.length > 0;
  if (checked.expects_continue && has_body && input_.empty()) {
    socket_.begin_message() = "HTTP/1.1 100 Continue\r\n\r\n";
    // It fits unless the client leaves its answers unread, and then it shall not go on.
    if (socket_.send() != HttpSocket::Sent::Everything) close();
  }
  return true;
}

bool Connection::read_body() {
  std::string_view rest = input_;
  const auto state = body_reader_.read(rest, request_.body);
  input_.erase(0, input_.size() - rest.size());
  switch (state) {
    case HttpBodyReader::State::Reading: return false;
    case HttpBodyReader::State::Complete: return hand_over();
    case HttpBodyReader::State::TooLarge: return refuse(body_too_long(server_->limits.body_bytes));
    case HttpBodyReader::State::Broken: return refuse(malformed("the chunks of the body are broken"));
  }
  return false;
}

bool Connection::hand_over() {
  phase_ = Phase::Handling;
  deadline_ = Clock::time_point::max();
  ++server_->in_progress;
  const auto number = ++number_;
  auto pending = std::make_shared<PendingAnswer>(weak_from_this(), number);
  try {
    server_->handler(std::move(request_),
                     [pending = std::move(pending)](const Response& response) { pending->give(response); });
  } catch (const std::exception& failure) {
    log::error("http: a handler threw: {}", failure.what());
    answer(number, failed());
  }
  return true;
}

bool Connection::is_handling(std::uint64_t number) const {
  return phase_ == Phase::Handling && number == number_;
}

void Connection::answer(std::uint64_t number, const Response& response) {
  if (!is_handling(number)) return;
  if (response.status == kCloseWithoutAnswer) return close();
  --server_->in_progress;
  if (server_->is_stopping) manner_.keep_alive = false;
  begin_answer(response);
  advance();
}

// Answers without having read the whole request, so nothing behind it can be understood.
bool Connection::refuse(const Response& why) {
  manner_.keep_alive = false;
  begin_answer(why);
  return true;
}

void Connection::begin_answer(const Response& response) {
  append_response(socket_.begin_message(), response, manner_);
  enter(Phase::Writing, server_->limits.write_time);
}

bool Connection::write() {
  switch (socket_.send()) {
    case HttpSocket::Sent::Blocked: await_room(); return false;
    case HttpSocket::Sent::Failed: close(); return false;
    case HttpSocket::Sent::Everything: break;
  }
  if (manner_.keep_alive) {
    enter(Phase::Idle, server_->limits.idle_time);
  } else {
    linger();
  }
  return true;
}

// Closing a socket with unread bytes resets the connection, and the client would lose the answer that tells
// it why.
void Connection::linger() {
  socket_.shut_sending();
  input_.clear();
  enter(Phase::Lingering, server_->limits.linger_time);
}

// ---- the socket ----

bool Connection::is_reading() const {
  return phase_ == Phase::Idle || phase_ == Phase::Head || phase_ == Phase::Body ||
         phase_ == Phase::Lingering;
}

void Connection::await_bytes() {
  if (std::exchange(is_awaiting_bytes_, true)) return;
  socket_.raw().async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& failure) {
                             self->is_awaiting_bytes_ = false;
                             if (!failure && self->is_reading()) self->on_bytes();
                           });
}

void Connection::on_bytes() {
  const auto received = socket_.receive(input_);
  if (received == HttpSocket::Received::End || received == HttpSocket::Received::Failed) return close();
  if (phase_ == Phase::Lingering) input_.clear();
  advance();
}

void Connection::await_room() {
  socket_.raw().async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](const boost::system::error_code& failure) {
                             if (!failure && self->phase_ == Phase::Writing) self->advance();
                           });
}

// ---- its end ----

void Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  if (phase_ == Phase::Head || phase_ == Phase::Body) {
    refuse(took_too_long());
    return advance();
  }
  close();
}

void Connection::close() {
  if (phase_ == Phase::Closed) return;
  if (phase_ == Phase::Handling) --server_->in_progress;
  phase_ = Phase::Closed;
  socket_.close();
  server_->open.erase(this);
}

}  // namespace skald::api
