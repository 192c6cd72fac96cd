#include "engine/runtime/http_connection.hpp"

#include "engine/runtime/http_request_text.hpp"

#include <utility>

namespace skald::runtime {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// More 1xx answers than this before the real one are no courtesy any more.
constexpr int kMaxInterimAnswers = 16;

std::string media_type(const HttpFields& fields) {
  const std::string* value = find_field(fields, "Content-Type");
  if (!value) return {};
  std::string type = value->substr(0, value->find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return type;
}

std::string to_text(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  const auto port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace

HttpConnection::HttpConnection(boost::asio::io_context& io, HttpConnectionOwner& owner,
                               const HttpConnectionSettings& settings)
    : owner_(owner), settings_(settings), socket_(io) {}

// ---- opening ----

void HttpConnection::open_and_exchange(const HttpRequest& request) {
  request_ = &request;
  settings_.resolver->resolve([self = shared_from_this()](Result<HttpEndpoints> found) {
    if (!self->is_open()) return;
    if (!found) return self->fail(HttpFailureKind::Unreachable, found.error().message);
    self->endpoints_ = *std::move(found);
    self->connect_next();
  });
}

void HttpConnection::connect_next() {
  if (next_endpoint_ == endpoints_.size()) {
    settings_.resolver->forget();
    return fail(HttpFailureKind::Unreachable, "cannot connect: " + last_connect_failure_);
  }
  const std::size_t attempt = ++next_endpoint_;
  const auto self = shared_from_this();
  socket_.close();
  connect_deadline_ = settings_.deadlines->add(settings_.limits.connect_timeout, [self, attempt] {
    if (self->state_ == State::Opening && self->next_endpoint_ == attempt) self->connect_failed("no answer");
  });
  socket_.raw().async_connect(endpoints_[attempt - 1], [self, attempt](const error_code& failure) {
    if (self->state_ != State::Opening || self->next_endpoint_ != attempt) return;
    self->settings_.deadlines->remove(self->connect_deadline_);
    if (failure) return self->connect_failed(failure.message());
    self->connected();
  });
}

void HttpConnection::connect_failed(const std::string& why) {
  last_connect_failure_ = to_text(endpoints_[next_endpoint_ - 1]) + ": " + why;
  connect_next();
}

void HttpConnection::connected() {
  socket_.prepare();
  await_bytes();
  exchange(*request_);
}

// ---- one exchange ----

bool HttpConnection::is_usable() {
  const bool fresh = Deadlines::Clock::now() - idle_since_ < settings_.limits.keep_idle;
  return state_ == State::Idle && fresh && socket_.is_silent();
}

void HttpConnection::exchange(const HttpRequest& request) {
  request_ = &request;
  state_ = State::Exchanging;
  head_read_ = ends_with_answer_ = false;
  interim_answers_ = 0;
  scanner_.restart();
  answer_ = {};
  append_request(socket_.begin_message(), settings_.service, request);
  send();
}

void HttpConnection::send() {
  switch (socket_.send()) {
    case HttpSocket::Sent::Everything: return;
    case HttpSocket::Sent::Failed:
      // When some of it left, the service may have answered before it closed: the pending read will tell.
      if (socket_.bytes_sent() == 0) stream_ended();
      return;
    case HttpSocket::Sent::Blocked: break;
  }
  socket_.raw().async_wait(tcp::socket::wait_write,
                           [self = shared_from_this(), answers = answers_](const error_code& failure) {
                             if (failure || self->state_ != State::Exchanging || self->answers_ != answers)
                               return;
                             self->send();
                           });
}

void HttpConnection::await_bytes() {
  socket_.raw().async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& failure) {
    if (failure || !self->is_open()) return;
    self->on_bytes();
    if (self->is_open()) self->await_bytes();
  });
}

void HttpConnection::on_bytes() {
  const auto received = socket_.receive(input_);
  if (received == HttpSocket::Received::Nothing) return;
  if (state_ == State::Idle) {
    // Closed by the service, or bytes that answer no request (a second answer, for one): of no use any more.
    close();
    return owner_.idle_closed(*this);
  }
  if (received == HttpSocket::Received::Something) return read_answer();
  stream_ended();
}

void HttpConnection::read_answer() {
  while (!head_read_) {
    if (!read_head()) return;
  }
  read_body();
}

// Reads one head, an interim one perhaps. False when it must be waited for, or has failed.
bool HttpConnection::read_head() {
  const auto found = scanner_.scan(input_);
  if (scanner_.size() > settings_.limits.head_bytes) {
    fail(HttpFailureKind::BadAnswer, "the header of the answer is too long");
    return false;
  }
  if (found == HeadScanner::Found::NotYet) return false;
  if (found == HeadScanner::Found::BareLineFeed) {
    fail(HttpFailureKind::BadAnswer, "a line of the answer's header does not end with CRLF");
    return false;
  }
  auto head = parse_answer_head(std::string_view(input_).substr(0, scanner_.size()));
  if (!head) {
    fail(HttpFailureKind::BadAnswer, head.error().message);
    return false;
  }
  input_.erase(0, scanner_.size());
  scanner_.restart();
  head_ = *std::move(head);
  return begin_body();
}

bool HttpConnection::begin_body() {
  if (head_.status == 101 || (head_.status < 200 && ++interim_answers_ > kMaxInterimAnswers)) {
    fail(HttpFailureKind::BadAnswer, "interim answers that nobody asked for");
    return false;
  }
  if (head_.status < 200) return true;  // the real answer follows
  const auto framing = answer_framing(head_, request_->method);
  if (!framing) {
    fail(HttpFailureKind::BadAnswer, framing.error().message);
    return false;
  }
  head_read_ = true;
  ends_with_answer_ =
      framing->kind == BodyKind::UntilClose || !keeps_alive(head_.minor_version, head_.fields);
  body_reader_ = HttpBodyReader(*framing, settings_.limits.answer_bytes);
  answer_.status = head_.status;
  answer_.content_type = media_type(head_.fields);
  answer_.headers = std::move(head_.fields);
  return true;
}

void HttpConnection::read_body() {
  std::string_view rest = input_;
  const auto state = body_reader_.read(rest, answer_.body);
  input_.erase(0, input_.size() - rest.size());
  switch (state) {
    case HttpBodyReader::State::Reading: return;
    case HttpBodyReader::State::Complete: return answer_complete();
    case HttpBodyReader::State::TooLarge:
      return fail(HttpFailureKind::BadAnswer, "the body of the answer is longer than " +
                                                  std::to_string(settings_.limits.answer_bytes) + " bytes");
    case HttpBodyReader::State::Broken:
      return fail(HttpFailureKind::BadAnswer, "the chunks of the answer are broken");
  }
}

void HttpConnection::answer_complete() {
  ++answers_;
  idle_since_ = Deadlines::Clock::now();
  state_ = State::Idle;
  // An answer that came before the whole request had left, or bytes behind it, leave the connection in doubt.
  if (ends_with_answer_ || !socket_.everything_sent() || !input_.empty()) close();
  owner_.exchange_ended(*this, std::move(answer_));
}

void HttpConnection::stream_ended() {
  if (head_read_ && body_reader_.at_end_of_stream() == HttpBodyReader::State::Complete &&
      socket_.last_error() == boost::asio::error::eof)
    return answer_complete();
  if (socket_.bytes_sent() == 0)
    return fail(HttpFailureKind::Unreachable, "the connection ended before anything was sent");
  const bool begun = head_read_ || !input_.empty();
  fail(HttpFailureKind::ConnectionLost, begun
                                            ? "the service closed the connection in the middle of its answer"
                                            : "the service closed the connection without an answer");
}

void HttpConnection::fail(HttpFailureKind kind, std::string detail) {
  close();
  owner_.exchange_ended(*this, HttpFailure{kind, std::move(detail)});
}

void HttpConnection::close() {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  socket_.close();
}

}  // namespace skald::runtime
