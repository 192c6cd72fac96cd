// The HTTP front: the real Connection over a socket pair is sent the input, pipelined requests and all.
// However the bytes are torn and whenever the handler answers, the same requests are handed over and the same
// answers given; nothing that two parsers could read differently gets through; what was read is written
// plainly and read again as the same request.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <deque>

#include "api/http/connection.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace skald;
using namespace skald::api;
using boost::asio::ip::tcp;

// Small enough for an input of a few hundred bytes to meet them.
constexpr ServerLimits small_limits() {
  ServerLimits limits;
  limits.head_bytes = 400;
  limits.body_bytes = 60;
  return limits;
}

enum class Handling { AtOnce, Later };

// What came of one input.
struct Story {
  std::vector<Request> requests;
  std::string output;  // without what depends on time and on how the bytes came
};

boost::asio::io_context& io() {
  static boost::asio::io_context context;
  return context;
}

// A client at the other end of a socket that is no network's.
class Client {
 public:
  Client(ServerLimits limits, Handling handling) : state_(std::make_shared<ServerState>()) {
    state_->limits = limits;
    state_->handler = [this, handling](Request request, Responder respond) {
      story_.requests.push_back(std::move(request));
      if (handling == Handling::AtOnce) return respond(answer());
      open_.push_back(std::move(respond));
    };
    int ends[2];
    CHECK_THAT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "there is a descriptor");
    own_end_ = ends[0];
    tcp::socket socket(io());
    socket.assign(tcp::v4(), ends[1]);
    const auto connection = std::make_shared<Connection>(std::move(socket), "fuzzer", state_);
    state_->open.emplace(connection.get(), connection);
    connection->start();
  }
  ~Client() { ::close(own_end_); }
  Client(const Client&) = delete;

  Story say(const std::vector<std::string_view>& pieces) {
    for (const auto piece : pieces) {
      (void)!::send(own_end_, piece.data(), piece.size(), MSG_NOSIGNAL);
      settle();
    }
    ::shutdown(own_end_, SHUT_WR);
    settle();
    CHECK_THAT(state_->open.empty(), "a connection ends with its client");
    CHECK_THAT(state_->in_progress == 0, "nothing is left in progress");
    return std::move(story_);
  }

 private:
  static Response answer() { return {200, {}, "text/plain", "ok"}; }

  void settle() {
    do {
      io().restart();
      while (io().poll() > 0) {
      }
      listen();
      if (open_.empty()) return;
      open_.front()(answer());
      open_.pop_front();
    } while (true);
  }
  void listen() {
    char bytes[4096];
    for (ssize_t count; (count = ::recv(own_end_, bytes, sizeof bytes, 0)) > 0;)
      story_.output.append(bytes, static_cast<std::size_t>(count));
  }

  std::shared_ptr<ServerState> state_;
  std::deque<Responder> open_;
  int own_end_ = -1;
  Story story_;
};

void erase_all(std::string& text, std::string_view begin, std::string_view end) {
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at))
    text.erase(at, text.find(end, at) + end.size() - at);
}

Story story_of(const std::vector<std::string_view>& pieces, Handling handling) {
  Story story = Client(small_limits(), handling).say(pieces);
  erase_all(story.output, "Date: ", "\r\n");
  // An invitation is sent only to a client that waits for it, which is a matter of when its bytes come.
  erase_all(story.output, "HTTP/1.1 100 Continue", "\r\n\r\n");
  return story;
}

bool are_equal(const Request& a, const Request& b) {
  return a.method == b.method && a.path == b.path && a.segments == b.segments && a.query == b.query &&
         a.headers == b.headers && a.body == b.body;
}

void check_equal(const Story& a, const Story& b) {
  CHECK_THAT(
      std::equal(a.requests.begin(), a.requests.end(), b.requests.begin(), b.requests.end(), are_equal),
      "the same requests, however the bytes came");
  CHECK_THAT(a.output == b.output, "the same answers, however the bytes came");
}

// Answer after answer; then nothing, or one refusal behind which the connection ends.
void check_output(const Story& story, std::string_view input) {
  std::string_view rest = story.output;
  std::size_t answers = 0;
  while (!rest.empty()) {
    CHECK_THAT(rest.starts_with("HTTP/1.1 "), "an answer begins where the last one ended");
    const auto status = rest.substr(9, 3);
    const auto head = rest.substr(0, rest.find("\r\n\r\n") + 4);
    rest.remove_prefix(head.size());
    if (status == "200") {
      const bool has_body = rest.starts_with("ok");  // HEAD has none
      rest.remove_prefix(has_body ? 2 : 0);
      ++answers;
      CHECK_THAT(head.find("Connection: close") == std::string::npos || rest.empty(), "close ends it");
      continue;
    }
    CHECK_THAT(status[0] == '4', "who speaks badly is told so, and is no fault of ours");
    CHECK_THAT(head.find("Connection: close\r\n") != std::string::npos, "nothing is read behind a refusal");
    // What is told to a HEAD that is refused in the middle has no body either.
    if (rest.empty() && input.find("HEAD ") != std::string_view::npos) continue;
    const auto problem = parse_json(rest);
    CHECK_THAT(problem && problem->get("status").number_text() == status, "a refusal is a problem");
    rest = {};
  }
  CHECK_THAT(answers == story.requests.size(), "every request is answered once");
}

std::size_t count(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(),
                    [&](const auto& field) { return runtime::same_ignoring_case(field.first, name); }));
}

// Written from RFC 9112 and not from the front's own checks.
void check_plain(const Request& request) {
  const auto lengths = count(request, "Content-Length"), encodings = count(request, "Transfer-Encoding");
  CHECK_THAT(lengths + encodings <= 1, "one framing");
  CHECK_THAT(count(request, "Host") <= 1, "one host");
  CHECK_THAT(request.body.size() <= small_limits().body_bytes, "the body is within its limit");
  if (lengths == 0 && encodings == 0) CHECK_THAT(request.body.empty(), "no framing, no body");
  if (lengths == 1)
    CHECK_THAT(request.body.size() == std::stoull(*request.header("Content-Length")),
               "the length is the length");
  for (const auto& [name, value] : request.headers) {
    CHECK_THAT(name.find_first_of(" \t\r\n:") == std::string::npos && !name.empty(), "a name is a name");
    CHECK_THAT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
               "a value is one line");
  }
  for (const auto& segment : request.segments) {
    const auto read = parse_json(Json(segment).dump());
    CHECK_THAT(read.has_value() && segment.find('\0') == std::string::npos, "a segment is UTF-8 without NUL");
  }
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    result += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return result;
}

// The request as a plain client would write it.
std::string written(const Request& request) {
  std::string target = request.path;
  for (std::size_t i = 0; i < request.query.size(); ++i)
    target += (i == 0 ? "?" : "&") + percent_encoded(request.query[i].first) + "=" +
              percent_encoded(request.query[i].second);
  std::string text = request.method + " " + target + " HTTP/1.1\r\n";
  if (!request.header("Host")) text += "Host: x\r\n";
  for (const auto& [name, value] : request.headers) {
    const bool is_framing = runtime::same_ignoring_case(name, "Content-Length") ||
                            runtime::same_ignoring_case(name, "Transfer-Encoding");
    if (!is_framing) text += name + ": " + value + "\r\n";
  }
  return text + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
}

void check_written(const Request& request) {
  const std::string text = written(request);
  const Story story = Client(ServerLimits{}, Handling::AtOnce).say({text});
  CHECK_THAT(story.requests.size() == 1, "what was read can be written and read again");
  const Request& read = story.requests[0];
  CHECK_THAT(read.method == request.method && read.path == request.path &&
                 read.segments == request.segments && read.query == request.query &&
                 read.body == request.body,
             "as the same request");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = fuzz::text_of(bytes, size);
  const Story story = story_of(fuzz::whole(input), Handling::AtOnce);
  check_output(story, input);
  for (const Request& request : story.requests) check_plain(request);
  check_equal(story, story_of(fuzz::torn(input, fuzz::chance_of(input)), Handling::Later));
  if (size <= 120) check_equal(story, story_of(fuzz::byte_by_byte(input), Handling::AtOnce));
  if (!story.requests.empty()) check_written(story.requests.front());
  return 0;
}
