// The front end against clients that say exactly what they are told (reliability.md, "Faults to inject:
// client").
#include "api/http/server.hpp"

#include <doctest/doctest.h>

#include <boost/asio/write.hpp>
#include <optional>
#include <stdexcept>

#include "api/http/problem.hpp"
#include "engine/base/random.hpp"
#include "tests/runtime/http_raw.hpp"

using namespace skald;
using namespace skald::api;
using namespace skald::tests;
using namespace std::chrono_literals;

namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

// Short enough that a test need not wait long, and looked at often.
ServerLimits impatient() {
  ServerLimits limits;
  limits.head_time = limits.body_time = limits.idle_time = limits.write_time = limits.linger_time = 30ms;
  limits.sweep_every = 5ms;
  return limits;
}

// A server that keeps what it was asked and answers what the test says, at once by default.
struct World {
  boost::asio::io_context io;
  std::vector<Request> requests;
  std::function<void(const Request&, Responder)> on_request = [](const Request& request,
                                                                 const Responder& respond) {
    respond({200, {}, "text/plain", "got " + request.path});
  };
  HttpServer server;
  std::uint16_t port;

  explicit World(ServerLimits limits = {})
      : server(io, limits, [this](Request request, Responder respond) {
          requests.push_back(request);
          on_request(request, std::move(respond));
        }) {
    const auto bound = server.listen("127.0.0.1", 0);
    REQUIRE(bound.has_value());
    port = *bound;
  }

  std::shared_ptr<RawPeer> connect() { return connect_raw(io, port); }
  std::shared_ptr<RawPeer> say(std::string text) {
    auto client = connect();
    client->send(std::move(text));
    return client;
  }
  // Says it and runs until the server has closed the connection.
  std::string say_until_closed(std::string text) {
    const auto client = say(std::move(text));
    CHECK(until([&] { return client->ended; }));
    return client->received;
  }
  template <class Condition>
  bool until(Condition condition) {
    return run_until(io, condition);
  }
};

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(std::string(answer.substr(9, 3))) : 0;
}

std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

// A refusal is a problem that says its status, and the connection is closed behind it.
void check_problem(const std::string& answer, int status, std::string_view type) {
  CHECK(status_of(answer) == status);
  CHECK(answer.find("Content-Type: application/problem+json\r\n") != std::string::npos);
  const auto body = parse_json(body_of(answer));
  REQUIRE(body.has_value());
  CHECK(body->get("status").as_integer() == status);
  CHECK(body->get("type").as_string() == type);
  CHECK_FALSE(body->get("title").as_string().empty());
  CHECK_FALSE(body->get("detail").as_string().empty());
}

std::string post(std::size_t size) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
         std::string(size, 'b');
}

}  // namespace

// ---- requests and answers ----

TEST_CASE("http server: a request arrives taken apart and decoded") {
  World world;
  const auto client = world.say(
      "PUT /v1/a%2Fb/%C3%A4/?q=1+2%2B3&empty&q=second HTTP/1.1\r\nHost: x:80\r\nX-One:  1 "
      "\r\nContent-Length: "
      "4\r\n\r\nbody");
  REQUIRE(world.until([&] { return client->has("got"); }));
  REQUIRE(world.requests.size() == 1);
  const Request& request = world.requests[0];
  CHECK(request.method == "PUT");
  CHECK(request.path == "/v1/a%2Fb/%C3%A4/");
  CHECK(request.segments == std::vector<std::string>{"v1", "a/b", "\xc3\xa4", ""});
  CHECK(*request.parameter("q") == "1 2+3");
  CHECK(*request.parameter("empty") == "");
  CHECK(request.query.size() == 3);
  CHECK_FALSE(request.parameter("Q"));
  CHECK(*request.header("x-one") == "1");
  CHECK(request.body == "body");
  CHECK(request.peer == "127.0.0.1");
}

TEST_CASE("http server: an answer tells its date, type and length") {
  World world;
  world.on_request = [](const Request&, const Responder& respond) {
    respond({201, {{"Location", "/v1/1"}}, "application/json", "{}"});
  };
  const auto client = world.say(kGet);
  REQUIRE(world.until([&] { return client->heads() == 1; }));
  CHECK(client->has("HTTP/1.1 201 Created\r\nDate: "));
  CHECK(client->has(
      " GMT\r\nContent-Type: application/json\r\nContent-Length: 2\r\nLocation: /v1/1\r\n\r\n{}"));
}

TEST_CASE("http server: a request that comes byte by byte is a request") {
  World world;
  const auto client = world.connect();
  for (const char byte : "\r\n" + post(3)) {
    const auto before = client->bytes_sent;
    client->send(std::string(1, byte));
    REQUIRE(world.until([&] { return client->bytes_sent > before; }));
    settle(world.io);
  }
  REQUIRE(world.until([&] { return client->has("got /"); }));
  CHECK(world.requests[0].body == "bbb");
}

TEST_CASE("http server: chunks are put together, and the next request follows behind them") {
  World world;
  const auto client = world.say(
      "POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "Chunked\r\n\r\n2\r\nab\r\n1;e=1\r\nc\r\n0\r\nTrailer: "
      "t\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(world.until([&] { return client->has("got /2"); }));
  CHECK(world.requests[0].body == "abc");
  CHECK(world.requests[1].body.empty());
}

TEST_CASE("http server: pipelined requests are handed over one at a time and answered in order") {
  World world;
  std::vector<Responder> open;
  world.on_request = [&](const Request&, Responder respond) { open.push_back(std::move(respond)); };
  const auto client = world.say(kGet + kGet + kGet);
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(world.until([&] { return open.size() == i + 1; }));
    settle(world.io);
    CHECK(open.size() == i + 1);
    CHECK(world.server.requests_in_progress() == 1);
    open[i]({200, {}, "text/plain", "answer " + std::to_string(i)});
  }
  REQUIRE(world.until([&] { return client->has("answer 2"); }));
  CHECK(client->received.find("answer 0") < client->received.find("answer 1"));
  CHECK(client->received.find("answer 1") < client->received.find("answer 2"));
}

TEST_CASE("http server: thousands of pipelined requests that are answered at once need no deep stack") {
  World world;
  std::vector<std::uintptr_t> frames;
  world.on_request = [&](const Request&, const Responder& respond) {
    frames.push_back(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    respond({});
  };
  std::string all;
  for (int i = 0; i < 5000; ++i) all += kGet;
  const auto client = world.say(all);
  CHECK(world.until([&] { return client->heads() == 5000; }));
  const auto [deepest, highest] = std::minmax_element(frames.begin(), frames.end());
  CHECK(*highest - *deepest < 16u << 10);
}

TEST_CASE("http server: a connection is kept or closed as the client wishes") {
  World world;
  CHECK(world.say_until_closed("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .find("Connection: close") != std::string::npos);
  CHECK(status_of(world.say_until_closed("GET / HTTP/1.0\r\n\r\n")) == 200);
  const auto old = world.say("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  REQUIRE(world.until([&] { return old->heads() == 1; }));
  CHECK(old->has("Connection: keep-alive"));
  old->send("GET /again HTTP/1.0\r\n\r\n");
  CHECK(world.until([&] { return old->has("got /again") && old->ended; }));
}

TEST_CASE("http server: a client that has said its last word still gets its answer") {
  World world;
  const auto client = world.say(kGet);
  client->half_close();
  CHECK(world.until([&] { return client->ended; }));
  CHECK(client->has("got /"));
}

TEST_CASE("http server: HEAD gets the length and no body") {
  World world;
  const auto client = world.say("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n" + kGet);
  REQUIRE(world.until([&] { return client->heads() == 2; }));
  CHECK(client->received.find("Content-Length: 6\r\n\r\nHTTP/1.1 200") != std::string::npos);
}

TEST_CASE("http server: 100 Continue invites the body, other expectations are refused") {
  World world;
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ";
  const auto client = world.say(head + "2\r\n\r\n");
  REQUIRE(world.until([&] { return client->received == "HTTP/1.1 100 Continue\r\n\r\n"; }));
  client->send("ab");
  REQUIRE(world.until([&] { return client->has("got /"); }));
  const auto too_long = world.say_until_closed(head + "99999999\r\n\r\n");
  check_problem(too_long, 413, "too-large");
  check_problem(world.say_until_closed("GET / HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n"), 417,
                "invalid-request");
}

TEST_CASE("http server: a target with scheme and host is taken when it names the same host") {
  World world;
  const auto client = world.say("GET HTTP://X/a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(world.until([&] { return client->has("got /a"); }));
  check_problem(world.say_until_closed("GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n"), 400, "invalid-request");
}

// ---- hostile input ----

TEST_CASE(
    "http server: whatever two parsers could understand differently is refused before a handler sees it") {
  const std::string host = "Host: x\r\n";
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::string> requests = {
      // framing
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\ncontent-length: 2\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 1 1\r\n\r\na",
      "POST / HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host +
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      chunked + "g\r\n",
      chunked + "1\nx\r\n0\r\n\r\n",
      chunked + "1\r\nxy\r\n0\r\n\r\n",
      chunked + "1\r\nx\n0\r\n\r\n",
      chunked + "0x1\r\nx\r\n0\r\n\r\n",
      chunked + " 1\r\nx\r\n0\r\n\r\n",
      chunked + "1 \r\nx\r\n0\r\n\r\n",
      chunked + "1;\rx\r\nx\r\n0\r\n\r\n",
      chunked + "fffffffffffffffff\r\n",
      // lines
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
      "GET / HTTP/1.1\rHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "A: b\r\n\tc\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
      "\r\n\r\n" + kGet,
      // names and values
      "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "A\t: b\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "A b: c\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + ": c\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "no colon\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "\xc3\xa4: b\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + std::string("A: b\0c\r\n\r\n", 10),
      "GET / HTTP/1.1\r\n" + host + std::string("A\0: b\r\n\r\n", 9),
      "GET / HTTP/1.1\r\n" + host + "A: \x7f\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "A: \x1b[2J\r\n\r\n",
      // the request line
      "GET  / HTTP/1.1\r\n" + host + "\r\n",
      "GET / HTTP/1.1 \r\n" + host + "\r\n",
      " GET / HTTP/1.1\r\n" + host + "\r\n",
      "GET /\r\n\r\n",
      "GET\r\n\r\n",
      "G@T / HTTP/1.1\r\n" + host + "\r\n",
      "GET / HTTP/2.0\r\n" + host + "\r\n",
      "GET / HTTP/1.2\r\n" + host + "\r\n",
      "GET / http/1.1\r\n" + host + "\r\n",
      "GET / HTTP/1.10\r\n" + host + "\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\r\n\r\n",
      // the target
      "GET x HTTP/1.1\r\n" + host + "\r\n",
      "CONNECT x:80 HTTP/1.1\r\n" + host + "\r\n",
      "GET * HTTP/1.1\r\n" + host + "\r\n",
      "GET /#f HTTP/1.1\r\n" + host + "\r\n",
      "GET /\xc3\xa4 HTTP/1.1\r\n" + host + "\r\n",
      "GET /% HTTP/1.1\r\n" + host + "\r\n",
      "GET /%2 HTTP/1.1\r\n" + host + "\r\n",
      "GET /%zz HTTP/1.1\r\n" + host + "\r\n",
      "GET /%00 HTTP/1.1\r\n" + host + "\r\n",
      "GET /%ff HTTP/1.1\r\n" + host + "\r\n",
      "GET /%c0%af HTTP/1.1\r\n" + host + "\r\n",
      "GET /%ed%a0%80 HTTP/1.1\r\n" + host + "\r\n",
      "GET /?a=%f5%80%80%80 HTTP/1.1\r\n" + host + "\r\n",
      "GET /?%=1 HTTP/1.1\r\n" + host + "\r\n",
      // Host
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
      "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n",
  };
  World world;
  for (const auto& request : requests) {
    CAPTURE(request);
    check_problem(world.say_until_closed(request), 400, "invalid-request");
  }
  CHECK(world.requests.empty());
  CHECK(world.until([&] { return world.server.open_connections() == 0; }));
}

TEST_CASE("http server: nothing behind a refused request is understood as another one") {
  World world;
  const auto answer = world.say_until_closed(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
      kGet);
  check_problem(answer, 400, "invalid-request");
  CHECK(world.requests.empty());
}

TEST_CASE("http server: random bytes and broken requests end in an answer or a closed connection") {
  const auto seed = Random::from_system().next();
  CAPTURE(seed);
  Random random(seed);
  World world(impatient());
  const std::string model =
      "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
      post(3);
  for (int round = 0; round < 300; ++round) {
    std::string text = model;
    for (auto changes = 1 + random.below(4); changes > 0; --changes) {
      const auto at = random.below(text.size());
      switch (random.below(3)) {
        case 0: text[at] = static_cast<char>(random.below(256)); break;
        case 1: text.erase(at, 1 + random.below(5)); break;
        case 2: text.insert(at, 1 + random.below(3), "\r\n :\t\0%,;"[random.below(9)]); break;
      }
    }
    CAPTURE(text);
    const auto client = world.say(text);
    // Idle connections are closed too, so every story ends.
    REQUIRE(world.until([&] { return client->ended; }));
    if (!client->received.empty()) CHECK(status_of(client->received) >= 200);
  }
}

// ---- limits ----

TEST_CASE("http server: a header may have as many bytes as allowed and not one more") {
  ServerLimits limits;
  limits.head_bytes = 100;
  World world(limits);
  const auto with_size = [](std::size_t size) {
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    return head + std::string(size - head.size() - 4, 'a') + "\r\n\r\n";
  };
  const auto client = world.say(with_size(100));
  CHECK(world.until([&] { return client->has("got /"); }));
  check_problem(world.say_until_closed(with_size(101)), 431, "too-large");
  check_problem(world.say_until_closed(std::string(101, 'G')), 431, "too-large");
  // Too long is too long, also where the bytes behind the limit are broken and all of them come at once.
  check_problem(world.say_until_closed(std::string(101, 'G') + "\n"), 431, "too-large");
}

TEST_CASE("http server: an endless header is cut") {
  World world;
  const auto client = world.say("GET / HTTP/1.1\r\n");
  client->send_endlessly("A: b\r\n");
  REQUIRE(world.until([&] { return client->heads() == 1; }));
  CHECK(status_of(client->received) == 431);
  CHECK(client->bytes_sent < 1u << 20);
}

TEST_CASE("http server: a body may have as many bytes as allowed and not one more") {
  ServerLimits limits;
  limits.body_bytes = 10;
  World world(limits);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto by_length = world.say(post(10));
  const auto in_chunks = world.say(chunked + "5\r\naaaaa\r\n5\r\naaaaa\r\n0\r\n\r\n");
  CHECK(world.until([&] { return by_length->has("got /") && in_chunks->has("got /"); }));
  check_problem(world.say_until_closed(post(11)), 413, "too-large");
  check_problem(world.say_until_closed(chunked + "5\r\naaaaa\r\n6\r\n"), 413, "too-large");
  CHECK(world.requests.size() == 2);
}

TEST_CASE("http server: a client that is still sending its long body can read why it was refused") {
  World world;
  const auto client = world.say(post(8u << 20));
  client->half_close_when_sent();
  REQUIRE(world.until([&] { return client->ended; }));
  CHECK(status_of(client->received) == 413);
  CHECK_FALSE(client->was_reset);
}

TEST_CASE("http server: a client that is refused and goes on sending for ever is closed") {
  World world(impatient());
  const auto client = world.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n");
  client->send_endlessly(std::string(65536, 'b'));
  REQUIRE(world.until([&] { return client->ended; }));
  CHECK(status_of(client->received) == 413);
}

TEST_CASE("http server: a header or a body that does not come in time is answered 408") {
  World world(impatient());
  check_problem(world.say_until_closed("GET / HTTP/1.1\r\nHost:"), 408, "timeout");
  check_problem(world.say_until_closed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc"), 408,
                "timeout");
  CHECK(world.requests.empty());
}

TEST_CASE("http server: a dribbling client does not stretch the time for its header") {
  ServerLimits limits = impatient();
  limits.head_bytes = 64u << 20;  // more than a quick machine dribbles in that time
  World world(limits);
  const auto client = world.say("GET / HTTP/1.1\r\nA: ");
  REQUIRE(world.until([&] {
    client->send("a");
    return client->heads() == 1;
  }));
  CHECK(status_of(client->received) == 408);
}

TEST_CASE("http server: an idle connection is closed without a word, a waiting one is not") {
  World world(impatient());
  std::optional<Responder> open;
  world.on_request = [&](const Request& request, Responder respond) {
    if (request.path == "/wait") {
      open = std::move(respond);
    } else {
      respond({});
    }
  };
  const auto waiting = world.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(world.until([&] { return open.has_value(); }));
  CHECK(world.say_until_closed("").empty());
  const auto served = world.say(kGet);
  REQUIRE(world.until([&] { return served->ended; }));
  CHECK(served->heads() == 1);
  CHECK_FALSE(waiting->ended);
  (*open)({200, {}, "text/plain", "at last"});
  CHECK(world.until([&] { return waiting->has("at last"); }));
}

TEST_CASE("http server: a client that does not take its answer is closed") {
  World world(impatient());
  world.on_request = [](const Request&, const Responder& respond) {
    respond({200, {}, "text/plain", std::string(64u << 20, 'x')});
  };
  tcp::socket client(world.io);
  client.connect({boost::asio::ip::make_address("127.0.0.1"), world.port});
  boost::asio::write(client, boost::asio::buffer(kGet));
  REQUIRE(world.until([&] { return world.requests.size() == 1; }));
  CHECK(world.until([&] { return world.server.open_connections() == 0; }));
}

TEST_CASE("http server: a connection too many is answered 503 with Retry-After, and room is given back") {
  ServerLimits limits;
  limits.connections = 2;
  World world(limits);
  const auto first = world.say(kGet), second = world.say(kGet);
  REQUIRE(world.until([&] { return first->heads() == 1 && second->heads() == 1; }));
  const auto refused = world.say(kGet);
  REQUIRE(world.until([&] { return refused->ended; }));
  check_problem(refused->received, 503, "unavailable");
  CHECK(refused->has("Retry-After: 1\r\n"));
  refused->close();
  first->close();
  REQUIRE(world.until([&] { return world.server.open_connections() == 1; }));
  const auto third = world.say(kGet);
  CHECK(world.until([&] { return third->has("got /"); }));
}

// ---- handlers ----

TEST_CASE("http server: a handler that throws is answered 500, and the connection goes on") {
  World world;
  world.on_request = [](const Request& request, const Responder& respond) {
    if (request.path == "/bad") throw std::runtime_error("secret detail");
    respond({});
  };
  const auto client = world.say("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(world.until([&] { return client->heads() == 1; }));
  check_problem(client->received, 500, "unexpected");
  CHECK_FALSE(client->has("secret detail"));
  client->send(kGet);
  CHECK(world.until([&] { return client->has("HTTP/1.1 200"); }));
}

TEST_CASE("http server: a handler that throws after it has answered has answered") {
  World world;
  world.on_request = [](const Request&, const Responder& respond) {
    respond({200, {}, "text/plain", "done"});
    throw std::runtime_error("too late");
  };
  const auto client = world.say(kGet);
  REQUIRE(world.until([&] { return client->has("done"); }));
  settle(world.io);
  CHECK(client->heads() == 1);
}

TEST_CASE("http server: a request that is let go of without an answer is answered 500") {
  World world;
  world.on_request = [](const Request&, const Responder&) {};
  const auto client = world.say(kGet);
  REQUIRE(world.until([&] { return client->heads() == 1; }));
  check_problem(client->received, 500, "unexpected");
  CHECK(world.server.requests_in_progress() == 0);
}

TEST_CASE("http server: a stand-in service may close instead of answering") {
  World world;
  world.on_request = [](const Request&, const Responder& respond) {
    Response nothing;
    nothing.status = kCloseWithoutAnswer;
    respond(nothing);
  };
  CHECK(world.say_until_closed(kGet + kGet).empty());
  CHECK(world.requests.size() == 1);
  CHECK(world.server.requests_in_progress() == 0);
}

TEST_CASE("http server: a second answer is dropped, also when the next request has come meanwhile") {
  World world;
  std::vector<Responder> open;
  world.on_request = [&](const Request&, Responder respond) { open.push_back(std::move(respond)); };
  const auto client = world.say(kGet + kGet);
  REQUIRE(world.until([&] { return open.size() == 1; }));
  open[0]({200, {}, "text/plain", "first"});
  REQUIRE(world.until([&] { return open.size() == 2; }));
  open[0]({200, {}, "text/plain", "first again"});
  open[1]({200, {}, "text/plain", "second"});
  REQUIRE(world.until([&] { return client->has("second"); }));
  CHECK_FALSE(client->has("again"));
}

TEST_CASE("http server: an answer may come after the client, the connection or the server has gone") {
  std::vector<Responder> open;
  {
    World world;
    world.on_request = [&](const Request&, Responder respond) { open.push_back(std::move(respond)); };
    const auto gone = world.say(kGet), closed = world.say(kGet), left = world.say(kGet);
    REQUIRE(world.until([&] { return open.size() == 3; }));
    gone->close();
    open[0]({});
    CHECK(world.until([&] { return world.server.open_connections() == 2; }));
    world.server.close();
    CHECK(world.server.requests_in_progress() == 0);
    CHECK(world.server.open_connections() == 0);
    open[1]({});
  }
  open[2]({});
}

TEST_CASE("http server: an answer cannot break out of its header") {
  World world;
  world.on_request = [](const Request&, const Responder& respond) {
    respond({200, {{"Location", "/\r\nSet-Cookie: stolen"}}, "text/plain", ""});
  };
  const auto client = world.say(kGet);
  REQUIRE(world.until([&] { return client->heads() == 1; }));
  CHECK(status_of(client->received) == 500);
  CHECK_FALSE(client->has("stolen"));
}

// ---- listening ----

TEST_CASE("http server: a port that is taken, or no address, is said") {
  World world;
  HttpServer other(world.io, {}, [](const Request&, const Responder&) {});
  const auto taken = other.listen("127.0.0.1", world.port);
  REQUIRE(taken.has_error());
  CHECK(taken.error().kind == ErrorKind::Unavailable);
  CHECK(taken.error().message.find(std::to_string(world.port)) != std::string::npos);
  CHECK(other.listen("localhost:80", 0).has_error());
  CHECK(other.listen("127.0.0.1", 0).has_value());
}

TEST_CASE("http server: lanes share a port when they say so, and nobody else comes in between") {
  boost::asio::io_context io;
  const auto nothing = [](const Request&, const Responder& respond) { respond({}); };
  HttpServer one(io, {}, nothing), two(io, {}, nothing);
  const auto port = one.listen("127.0.0.1", 0, PortUse::FirstOfLanes);
  REQUIRE(port.has_value());
  CHECK(two.listen("127.0.0.1", *port, PortUse::OtherLane).has_value());
  CHECK(HttpServer::can_listen("127.0.0.1", *port).has_error());
  HttpServer stranger(io, {}, nothing);
  for (const PortUse use : {PortUse::Alone, PortUse::FirstOfLanes})
    CHECK(stranger.listen("127.0.0.1", *port, use).has_error());
  const auto client = connect_raw(io, *port);
  client->send(kGet);
  CHECK(run_until(io, [&] { return client->heads() == 1; }));
}

TEST_CASE("http server: after stop_accepting open connections get one more answer, and nobody new comes in") {
  World world;
  std::optional<Responder> open;
  world.on_request = [&](const Request& request, Responder respond) {
    if (request.path == "/wait") {
      open = std::move(respond);
    } else {
      respond({});
    }
  };
  const auto waiting = world.say("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"), idle = world.say(kGet);
  REQUIRE(world.until([&] { return open && idle->heads() == 1; }));
  world.server.stop_accepting();
  CHECK_THROWS(world.connect());
  (*open)({});
  idle->send(kGet);
  CHECK(world.until([&] { return waiting->ended && idle->ended; }));
  CHECK(waiting->has("Connection: close"));
  CHECK(idle->heads() == 2);
}

TEST_CASE("problem: every kind of error has its status and its type") {
  CHECK(problem(invalid("x")).status == 422);
  CHECK(problem(not_found("x")).status == 404);
  CHECK(problem(Error{ErrorKind::NotAllowed, "x"}).status == 403);
  CHECK(problem(conflict("x")).status == 409);
  CHECK(problem(unavailable("x")).status == 503);
  CHECK(problem(unavailable("x")).headers.at(0).first == "Retry-After");
  CHECK(problem(unexpected("x")).status == 500);
  Json::Object more;
  more.set("line", 3);
  CHECK(
      problem(422, "invalid-input", "Invalid input", "age is missing", more).body ==
      R"({"type":"invalid-input","title":"Invalid input","status":422,"detail":"age is missing","line":3})");
}
