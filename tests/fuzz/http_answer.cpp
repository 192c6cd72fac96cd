// The HTTP client's reader of answers: the real HttpConnection calls a service on the loopback that answers
// with the input and closes. First byte odd: the request is a HEAD. However the bytes are torn, the outcome
// is the same; an answer keeps its limits; what was read is written plainly and read again as the same
// answer.
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "engine/runtime/http_connection.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace skald;
using namespace skald::runtime;
using boost::asio::ip::tcp;

// Small enough for an input of a few hundred bytes to meet them.
constexpr HttpClientLimits small_limits() {
  HttpClientLimits limits;
  limits.head_bytes = 400;
  limits.answer_bytes = 60;
  return limits;
}

// What all exchanges share: opened once.
struct Loopback {
  boost::asio::io_context io;
  tcp::acceptor acceptor{io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::shared_ptr<HttpResolver> resolver = std::make_shared<HttpResolver>(
      io, "127.0.0.1", acceptor.local_endpoint().port(), std::chrono::hours(1));
  std::shared_ptr<Deadlines> deadlines = std::make_shared<Deadlines>(io);

  Loopback() { acceptor.non_blocking(true); }
  void poll() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
};

Loopback& loopback() {
  static Loopback shared;
  return shared;
}

class Exchange final : public HttpConnectionOwner {
 public:
  Exchange(HttpClientLimits limits, const std::string& method)
      : settings_{{"127.0.0.1", loopback().acceptor.local_endpoint().port(), ""},
                  limits,
                  loopback().resolver,
                  loopback().deadlines},
        request_{method, "/x", {}, ""},
        connection_(std::make_shared<HttpConnection>(loopback().io, *this, settings_)) {
    connection_->open_and_exchange(request_);
    until([&] { return accept(); });
    until([&] { return has_read_request(); });
  }
  ~Exchange() {
    connection_->close();
    // Reset, so that thousands of exchanges a second leave no port waiting.
    boost::system::error_code ignored;
    service_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    service_.close(ignored);
    loopback().poll();
  }

  HttpOutcome answer(const std::vector<std::string_view>& pieces) {
    boost::system::error_code gone;  // the client may have heard enough
    for (const auto piece : pieces) {
      boost::asio::write(service_, boost::asio::buffer(piece.data(), piece.size()), gone);
      loopback().poll();
    }
    service_.shutdown(tcp::socket::shutdown_send, gone);
    until([&] { return outcome_.has_value(); });
    loopback().poll();
    return *outcome_;
  }

  void exchange_ended(HttpConnection&, HttpOutcome outcome) override {
    CHECK_THAT(!outcome_, "an exchange ends once");
    outcome_ = std::move(outcome);
  }
  void idle_closed(HttpConnection&) override {}

 private:
  // The kernel hands over at once what the loopback carries; a bound in place of an endless wait.
  template <class Condition>
  void until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition()) {
      CHECK_THAT(std::chrono::steady_clock::now() < end, "an exchange ends when its service has gone");
      loopback().poll();
    }
  }
  bool accept() {
    boost::system::error_code not_yet;
    loopback().acceptor.accept(service_, not_yet);
    return !not_yet;
  }
  bool has_read_request() {
    service_.non_blocking(true);
    char bytes[1024];
    boost::system::error_code not_yet;
    received_.append(bytes, service_.read_some(boost::asio::buffer(bytes), not_yet));
    service_.non_blocking(false);
    return received_.ends_with("\r\n\r\n");
  }

  HttpConnectionSettings settings_;
  HttpRequest request_;
  std::shared_ptr<HttpConnection> connection_;
  tcp::socket service_{loopback().io};
  std::string received_;
  std::optional<HttpOutcome> outcome_;
};

HttpOutcome outcome_of(const std::vector<std::string_view>& pieces, const std::string& method,
                       HttpClientLimits limits = small_limits()) {
  return Exchange(limits, method).answer(pieces);
}

void check_equal(const HttpOutcome& a, const HttpOutcome& b) {
  CHECK_THAT(a.index() == b.index(), "the same kind of outcome, however the bytes came");
  if (const auto* answer = std::get_if<HttpAnswer>(&a)) {
    const auto& other = std::get<HttpAnswer>(b);
    CHECK_THAT(answer->status == other.status && answer->headers == other.headers &&
                   answer->body == other.body && answer->content_type == other.content_type,
               "the same answer, however the bytes came");
    return;
  }
  const auto& failure = std::get<HttpFailure>(a);
  const auto& other = std::get<HttpFailure>(b);
  CHECK_THAT(failure.kind == other.kind && failure.detail == other.detail,
             "the same failure, however the bytes came");
}

void check_written(const HttpAnswer& answer) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " \r\n";
  for (const auto& [name, value] : answer.headers) {
    const bool is_framing =
        same_ignoring_case(name, "Content-Length") || same_ignoring_case(name, "Transfer-Encoding");
    if (!is_framing) text += name + ": " + value + "\r\n";
  }
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  const auto outcome = outcome_of({text}, "GET", {});
  const auto* read = std::get_if<HttpAnswer>(&outcome);
  CHECK_THAT(read, "what was read can be written and read again");
  CHECK_THAT(
      read->status == answer.status && read->body == answer.body && read->content_type == answer.content_type,
      "as the same answer");
}

void check_answer(const HttpAnswer& answer, const std::string& method) {
  CHECK_THAT(answer.status >= 200 && answer.status <= 999, "an answer is no interim one");
  CHECK_THAT(answer.body.size() <= small_limits().answer_bytes, "the body is within its limit");
  const bool has_no_body = method == "HEAD" || answer.status == 204 || answer.status == 304;
  if (has_no_body) CHECK_THAT(answer.body.empty(), "an answer without a body has none");
  std::size_t framings = 0;
  for (const auto& [name, value] : answer.headers) {
    framings += same_ignoring_case(name, "Content-Length") || same_ignoring_case(name, "Transfer-Encoding");
    CHECK_THAT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
               "a value is one line");
  }
  CHECK_THAT(framings <= 1, "one framing");
  if (!has_no_body) check_written(answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto input = fuzz::text_of(bytes, size);
  if (input.empty()) return 0;
  const std::string method = static_cast<std::uint8_t>(input.front()) % 2 == 1 ? "HEAD" : "GET";
  input.remove_prefix(1);
  const auto outcome = outcome_of(fuzz::whole(input), method);
  check_equal(outcome, outcome_of(fuzz::torn(input, fuzz::chance_of(input)), method));
  if (const auto* answer = std::get_if<HttpAnswer>(&outcome)) check_answer(*answer, method);
  const auto* failure = std::get_if<HttpFailure>(&outcome);
  if (failure) fuzz::check_sayable(failure->detail);
  if (failure)
    CHECK_THAT(
        failure->kind == HttpFailureKind::ConnectionLost || failure->kind == HttpFailureKind::BadAnswer,
        "the request had left");
  return 0;
}
