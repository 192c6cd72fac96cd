// The HTTP client against a server that follows a script: what it may rely on, and every way in which a
// service can misbehave (reliability.md, "Faults to inject: service").
#include "engine/runtime/http_client.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "tests/runtime/http_raw.hpp"

using namespace skald;
using namespace skald::runtime;
using namespace skald::tests;
using namespace std::chrono_literals;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

// A service with a script and the client that calls it.
struct World {
  boost::asio::io_context io;
  RawServer server{io};
  std::unique_ptr<HttpClient> client;

  explicit World(HttpClientLimits limits = {})
      : client(std::make_unique<HttpClient>(io, BaseUrl{"127.0.0.1", server.port(), ""}, limits)) {}

  struct Reply {
    std::optional<HttpOutcome> outcome;
    int times = 0;
    bool came() const { return outcome.has_value(); }
    const HttpAnswer* answer() const { return outcome ? std::get_if<HttpAnswer>(&*outcome) : nullptr; }
    bool failed_with(HttpFailureKind kind) const {
      const auto* failure = outcome ? std::get_if<HttpFailure>(&*outcome) : nullptr;
      return failure && failure->kind == kind;
    }
  };

  std::shared_ptr<Reply> send(HttpRequest request, Duration timeout = 10s) {
    auto reply = std::make_shared<Reply>();
    client->send(std::move(request), timeout, [reply](HttpOutcome outcome) {
      reply->outcome = std::move(outcome);
      ++reply->times;
    });
    return reply;
  }
  std::shared_ptr<Reply> get(Duration timeout = 10s) { return send({"GET", "/", {}, ""}, timeout); }
  // Sends, and runs until the outcome is there.
  std::shared_ptr<Reply> call(HttpRequest request, Duration timeout = 10s) {
    auto reply = send(std::move(request), timeout);
    REQUIRE(until([&] { return reply->came(); }));
    return reply;
  }
  std::shared_ptr<Reply> call_get(Duration timeout = 10s) { return call({"GET", "/", {}, ""}, timeout); }

  template <class Condition>
  bool until(Condition condition) {
    return run_until(io, condition);
  }
};

std::uint16_t unused_port(boost::asio::io_context& io) {
  tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
  return acceptor.local_endpoint().port();
}

}  // namespace

// ---- what is sent, what comes back ----

TEST_CASE("http client: a request is sent as it was given, in one piece, below the base path") {
  World world;
  world.client = std::make_unique<HttpClient>(world.io, BaseUrl{"127.0.0.1", world.server.port(), "/base"},
                                              HttpClientLimits{});
  std::vector<std::string> reads;
  world.server.on_bytes = [&](RawPeer& peer) {
    reads.push_back(peer.received);
    peer.send(kOk);
  };
  const auto reply = world.call({"POST", "/checks?x=1", {{"Idempotency-Key", "k1"}}, R"({"a":1})"});
  REQUIRE(reply->answer());
  REQUIRE(reads.size() == 1);
  CHECK(reads[0] ==
        "POST /base/checks?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(world.server.port()) +
            "\r\nIdempotency-Key: k1\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE("http client: an answer comes back with status, headers, media type and body") {
  World world;
  world.server.answer_heads_with(
      "HTTP/1.1 422 No\r\nContent-Type: Application/Problem+JSON ; charset=utf-8\r\nX-A: \t b "
      "\r\nContent-Length: "
      "3\r\n\r\nabc");
  const auto reply = world.call_get();
  REQUIRE(reply->answer());
  CHECK(reply->answer()->status == 422);
  CHECK(reply->answer()->content_type == "application/problem+json");
  CHECK(reply->answer()->body == "abc");
  CHECK(*find_field(reply->answer()->headers, "x-a") == "b");
}

TEST_CASE("http client: requests one after the other share one connection") {
  World world;
  world.server.answer_heads_with(kOk);
  for (int i = 0; i < 5; ++i) CHECK(world.call_get()->answer());
  CHECK(world.server.peers.size() == 1);
  CHECK(world.client->connections() == 1);
  CHECK(world.client->in_flight() == 0);
}

TEST_CASE("http client: a chunked answer that dribbles in byte by byte is put together") {
  World world;
  const std::string answer =
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0000A\r\n0123456789\r\n0\r\nT: "
      "1\r\n\r\n";
  std::size_t next = 0;
  auto reply = world.get();
  REQUIRE(world.until([&] { return !world.server.peers.empty() && world.server.peers[0]->heads() == 1; }));
  while (next < answer.size()) {
    CHECK_FALSE(reply->came());
    const auto before = world.server.peers[0]->bytes_sent;
    world.server.peers[0]->send(answer.substr(next++, 1));
    REQUIRE(world.until([&] { return world.server.peers[0]->bytes_sent > before; }));
    settle(world.io);
  }
  REQUIRE(world.until([&] { return reply->came(); }));
  REQUIRE(reply->answer());
  CHECK(reply->answer()->body == "abc0123456789");
  ++world.server.peers[0]->answered;
  world.server.answer_heads_with(kOk);
  CHECK(world.call_get()->answer());
  CHECK(world.server.peers.size() == 1);
}

TEST_CASE("http client: an answer to HEAD and a 204 have no body, whatever length they tell") {
  World world;
  world.server.answer_heads_with("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  CHECK(world.call({"HEAD", "/", {}, ""})->answer());
  world.server.answer_heads_with("HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(world.call_get()->answer());
  world.server.answer_heads_with(kOk);
  CHECK(world.call_get()->answer());
  CHECK(world.server.peers.size() == 1);
}

TEST_CASE("http client: interim answers are skipped") {
  World world;
  world.server.answer_heads_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                                 kOk);
  const auto reply = world.call_get();
  REQUIRE(reply->answer());
  CHECK(reply->answer()->status == 200);
}

TEST_CASE("http client: a redirect is an answer and is not followed") {
  World world;
  World elsewhere;
  world.server.answer_heads_with("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" +
                                 std::to_string(elsewhere.server.port()) + "/\r\nContent-Length: 0\r\n\r\n");
  const auto reply = world.call_get();
  REQUIRE(reply->answer());
  CHECK(reply->answer()->status == 302);
  settle(elsewhere.io);
  CHECK(elsewhere.server.peers.empty());
}

TEST_CASE("http client: after Connection: close and after HTTP/1.0 the next request has a new connection") {
  for (const std::string answer : {"HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 2\r\n\r\n{}",
                                   "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"}) {
    World world;
    world.server.answer_heads_with(answer);
    CHECK(world.call_get()->answer());
    CHECK(world.client->connections() == 0);
    CHECK(world.call_get()->answer());
    CHECK(world.server.peers.size() == 2);
  }
}

TEST_CASE("http client: a body without a length ends with the connection") {
  World world;
  world.server.on_bytes = [](RawPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    peer.half_close();
  };
  const auto reply = world.call_get();
  REQUIRE(reply->answer());
  CHECK(reply->answer()->body == "all of it");
}

TEST_CASE("http client: an answer that comes before the request was taken is an answer") {
  World world;
  world.server.on_connected = [](RawPeer& peer) {
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");  // and never reads
  };
  const auto reply = world.call({"POST", "/", {}, std::string(32u << 20, 'x')});
  REQUIRE(reply->answer());
  CHECK(reply->answer()->status == 413);
  CHECK(world.client->connections() == 0);
}

TEST_CASE("http client: an IPv6 service is called") {
  boost::asio::io_context io;
  std::unique_ptr<RawServer> server;
  try {
    server = std::make_unique<RawServer>(io, "::1");
  } catch (const boost::system::system_error& none) {
    MESSAGE("no IPv6 loopback here: " << none.what());
    return;
  }
  server->answer_heads_with(kOk);
  const auto url = BaseUrl::parse("http://[::1]:" + std::to_string(server->port()));
  REQUIRE(url.has_value());
  HttpClient client(io, *url);
  bool answered = false;
  client.send({"GET", "/", {}, ""}, 5s, [&](HttpOutcome outcome) { answered = outcome.index() == 0; });
  CHECK(run_until(io, [&] { return answered; }));
  CHECK(server->peers[0]->has("Host: [::1]:"));
}

// ---- services that misbehave ----

TEST_CASE("http client: a connection closed before the answer is lost, for the request had left") {
  World world;
  world.server.on_bytes = [](RawPeer& peer) { peer.close(); };
  CHECK(world.call_get()->failed_with(HttpFailureKind::ConnectionLost));
  CHECK(world.client->connections() == 0);
}

TEST_CASE("http client: a connection closed in the middle of an answer is lost") {
  for (const std::string part :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n"}) {
    World world;
    world.server.on_bytes = [&](RawPeer& peer) {
      peer.send(part);
      peer.half_close();
    };
    CHECK_MESSAGE(world.call_get()->failed_with(HttpFailureKind::ConnectionLost), part);
  }
}

TEST_CASE("http client: what is no HTTP/1.1 answer is a bad answer") {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::string> answers = {
      "garbage\r\n\r\n",
      std::string("\0\0\0\r\n\r\n", 7),
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      chunked + "xyz\r\n",
      chunked + "-1\r\n",
      chunked + "1\r\nab\r\n",
      chunked + "1\nx\r\n0\r\n\r\n",
      chunked + std::string(400, '0'),
      chunked + "ffffffffffffffffff\r\n",
  };
  for (const auto& answer : answers) {
    World world;
    world.server.on_bytes = [&](RawPeer& peer) { peer.send(answer); };
    CHECK_MESSAGE(world.call_get()->failed_with(HttpFailureKind::BadAnswer), answer);
    CHECK(world.client->connections() == 0);
  }
}

TEST_CASE("http client: an answer may have as many bytes as allowed and not one more") {
  HttpClientLimits limits;
  limits.answer_bytes = 10;
  const auto with_length = [](std::size_t size) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
  };
  const auto in_chunks = [](std::size_t size) {
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t i = 0; i < size; ++i) text += "1\r\nx\r\n";
    return text + "0\r\n\r\n";
  };
  for (const bool chunked : {false, true}) {
    World world(limits);
    world.server.answer_heads_with(chunked ? in_chunks(10) : with_length(10));
    CHECK(world.call_get()->answer());
    World strict(limits);
    strict.server.answer_heads_with(chunked ? in_chunks(11) : with_length(11));
    CHECK(strict.call_get()->failed_with(HttpFailureKind::BadAnswer));
  }
}

TEST_CASE("http client: endless answers of every kind are cut") {
  const std::string chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk},
      {"HTTP/1.1 200 OK\r\n\r\n", std::string(4096, 'x')},  // until the connection ends
      {"HTTP/1.1 200 OK\r\n", "X: y\r\n"},                  // endless header
      {"HTTP/1.1 200 ", std::string(100, 'x')},             // endless line
      {"", "HTTP/1.1 102 Processing\r\n\r\n"},              // endless interim answers
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "T: x\r\n"},  // endless trailer
  };
  for (const auto& [begin, again] : answers) {
    World world;
    world.server.on_bytes = [&, first = begin, rest = again](RawPeer& peer) {
      peer.send(first);
      peer.send_endlessly(rest);
    };
    CHECK_MESSAGE(world.call_get()->failed_with(HttpFailureKind::BadAnswer), begin);
    REQUIRE(world.until([&] { return world.server.peers[0]->ended; }));
    CHECK(world.server.peers[0]->bytes_sent < 16u << 20);
  }
}

TEST_CASE("http client: of an announced body of 50 MB nothing is read") {
  World world;
  world.server.on_bytes = [](RawPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n" + std::string(50u << 20, 'x'));
  };
  CHECK(world.call_get()->failed_with(HttpFailureKind::BadAnswer));
  REQUIRE(world.until([&] { return world.server.peers[0]->ended; }));
  CHECK(world.server.peers[0]->bytes_sent < 50u << 20);
}

TEST_CASE(
    "http client: a service that never answers costs the timeout, and the next request goes elsewhere") {
  World world;
  CHECK(world.call_get(30ms)->failed_with(HttpFailureKind::TimedOut));
  CHECK(world.client->connections() == 0);
  world.server.answer_heads_with(kOk);
  CHECK(world.call_get()->answer());
  CHECK(world.server.peers.size() == 2);
}

TEST_CASE("http client: an answer after the timeout reaches nobody") {
  World world;
  const auto late = world.call_get(30ms);
  CHECK(late->failed_with(HttpFailureKind::TimedOut));
  world.server.peers[0]->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
  world.server.answer_heads_with(kOk);
  const auto next = world.call_get();
  REQUIRE(next->answer());
  CHECK(next->answer()->body == "{}");
  CHECK(late->times == 1);
}

TEST_CASE("http client: dribbled answers do not stretch the timeout") {
  World world;
  world.server.on_bytes = [](RawPeer& peer) { peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"); };
  CHECK(world.call_get(40ms)->failed_with(HttpFailureKind::TimedOut));
}

TEST_CASE("http client: a second answer is never taken for the answer to the next request") {
  World world;
  world.server.answer_heads_with(kOk + "HTTP/1.1 500 Twice\r\nContent-Length: 0\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    const auto reply = world.call_get();
    REQUIRE(reply->answer());
    CHECK(reply->answer()->status == 200);
  }
  CHECK(world.server.peers.size() == 3);
}

TEST_CASE("http client: bytes that come on an idle connection end it") {
  World world;
  world.server.answer_heads_with(kOk);
  CHECK(world.call_get()->answer());
  world.server.peers[0]->send("HTTP/1.1 500 Twice\r\nContent-Length: 0\r\n\r\n");
  CHECK(world.until([&] { return world.client->connections() == 0; }));
  const auto reply = world.call_get();
  REQUIRE(reply->answer());
  CHECK(reply->answer()->status == 200);
}

TEST_CASE("http client: a connection that the service closed while idle is noticed and costs no request") {
  World world;
  world.server.answer_heads_with(kOk);
  CHECK(world.call_get()->answer());
  world.server.peers[0]->close();
  SUBCASE("by the pending read") {
    CHECK(world.until([&] { return world.client->connections() == 0; }));
  }
  SUBCASE("by the look before the request, when the end has not been read yet") {
    CHECK(world.client->connections() == 1);
  }
  CHECK(world.call_get()->answer());
  CHECK(world.server.peers.size() == 2);
}

TEST_CASE("http client: a connection that has been idle for too long is not used again") {
  HttpClientLimits limits;
  limits.keep_idle = Duration{0};
  World world(limits);
  world.server.answer_heads_with(kOk);
  CHECK(world.call_get()->answer());
  CHECK(world.call_get()->answer());
  CHECK(world.server.peers.size() == 2);
}

// ---- what never left ----

TEST_CASE("http client: a service that nobody serves is unreachable") {
  boost::asio::io_context io;
  HttpClient client(io, BaseUrl{"127.0.0.1", unused_port(io), ""});
  std::optional<HttpOutcome> outcome;
  client.send({"GET", "/", {}, ""}, 5s, [&](HttpOutcome got) { outcome = std::move(got); });
  CHECK_FALSE(outcome);  // never from within send()
  REQUIRE(run_until(io, [&] { return outcome.has_value(); }));
  REQUIRE(std::holds_alternative<HttpFailure>(*outcome));
  CHECK(std::get<HttpFailure>(*outcome).kind == HttpFailureKind::Unreachable);
  CHECK(std::get<HttpFailure>(*outcome).detail.find("refused") != std::string::npos);
  CHECK(client.connections() == 0);
}

TEST_CASE("http client: a service that takes no connection is unreachable, whichever time ends first") {
  boost::asio::io_context io;
  tcp::acceptor acceptor(io, tcp::v4());
  acceptor.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
  acceptor.listen(0);
  // The kernel lets the first ones in without being asked, and then says nothing more.
  std::vector<tcp::socket> fillers;
  int let_in = 0;
  for (int i = 0; i < 8; ++i) {
    fillers.emplace_back(io).async_connect(
        acceptor.local_endpoint(), [&](const boost::system::error_code& failure) { let_in += !failure; });
  }
  settle(io);
  REQUIRE(let_in < 8);
  HttpClientLimits limits;
  std::string said;
  Duration timeout{};
  SUBCASE("that of the connection") {
    limits.connect_timeout = 30ms;
    timeout = 10s;
    said = "no answer";
  }
  SUBCASE("that of the request") {
    limits.connect_timeout = 10s;
    timeout = 30ms;
    said = "could not connect";
  }
  HttpClient client(io, BaseUrl{"127.0.0.1", acceptor.local_endpoint().port(), ""}, limits);
  std::optional<HttpOutcome> outcome;
  client.send({"GET", "/", {}, ""}, timeout, [&](HttpOutcome got) { outcome = std::move(got); });
  REQUIRE(run_until(io, [&] { return outcome.has_value(); }));
  CHECK(std::get<HttpFailure>(*outcome).kind == HttpFailureKind::Unreachable);
  CHECK(std::get<HttpFailure>(*outcome).detail.find(said) != std::string::npos);
}

TEST_CASE("http client: every address of a host is tried until one answers") {
  World world;  // listens on 127.0.0.1; where localhost is ::1 too, that one refuses
  world.server.answer_heads_with(kOk);
  world.client = std::make_unique<HttpClient>(world.io, BaseUrl{"localhost", world.server.port(), ""});
  CHECK(world.call_get()->answer());
  CHECK(world.server.peers[0]->has("Host: localhost:"));
}

TEST_CASE("http client: link-local and metadata addresses are never called") {
  for (const char* host : {"169.254.169.254", "169.254.0.1", "fe80::1", "::ffff:169.254.169.254",
                           "fd00:ec2::254", "100.100.100.200", "64:ff9b::a9fe:a9fe"}) {
    boost::asio::io_context io;
    HttpClient client(io, BaseUrl{host, 80, ""});
    std::optional<HttpOutcome> outcome;
    client.send({"GET", "/latest/meta-data", {}, ""}, 5s, [&](HttpOutcome got) { outcome = std::move(got); });
    settle(io);
    REQUIRE_MESSAGE(outcome, host);
    CHECK(std::get<HttpFailure>(*outcome).kind == HttpFailureKind::Unreachable);
    CHECK(std::get<HttpFailure>(*outcome).detail.find("never called") != std::string::npos);
  }
}

TEST_CASE("http client: a request whose parts would break out of the header is not sent") {
  World world;
  const std::vector<HttpRequest> requests = {
      {"GET", "/", {{"X", "a\r\nY: b"}}, ""},
      {"GET", "/", {{"X\r\nY", "b"}}, ""},
      {"GET", "/ HTTP/1.1\r\nX: y", {}, ""},
      {"GET /", "/", {}, ""},
      {"GET", "/\xc3\xa4", {}, ""},
      {"GET", "http://elsewhere/", {}, ""},
      {"GET", "/", {{"Content-Length", "5"}}, ""},
      {"GET", "/", {{"transfer-encoding", "chunked"}}, ""},
  };
  for (const auto& request : requests) CHECK(world.call(request)->failed_with(HttpFailureKind::NotSendable));
  CHECK(world.server.peers.empty());
}

// ---- bulkhead, queue, end ----

TEST_CASE(
    "http client: no more requests are under way than there are connections; the others wait their turn") {
  HttpClientLimits limits;
  limits.connections = 2;
  World world(limits);
  std::size_t open = 0, most = 0;
  world.server.on_bytes = [&](RawPeer&) { most = std::max(most, ++open); };
  std::vector<std::shared_ptr<World::Reply>> replies;
  for (int i = 0; i < 7; ++i) replies.push_back(world.get());
  CHECK(world.client->in_flight() == 2);
  CHECK(world.client->queued() == 5);
  for (std::size_t answered = 0; answered < 7; ++answered) {
    REQUIRE(world.until([&] { return open == std::min<std::size_t>(2, 7 - answered); }));
    --open;
    // The requests alternate between the two connections.
    world.server.peers[answered % 2]->send(kOk);
    REQUIRE(world.until([&] { return replies[answered]->came(); }));
    CHECK(replies[answered]->answer());
  }
  CHECK(most == 2);
  CHECK(world.server.peers.size() == 2);
}

TEST_CASE("http client: a request that finds the queue full is unreachable at once") {
  HttpClientLimits limits;
  limits.connections = 1;
  limits.queue = 1;
  World world(limits);
  const auto first = world.get(), second = world.get(), third = world.get();
  settle(world.io);
  CHECK(third->failed_with(HttpFailureKind::Unreachable));
  CHECK_FALSE(first->came());
  CHECK_FALSE(second->came());
}

TEST_CASE("http client: a request whose time ends in the queue has not left") {
  HttpClientLimits limits;
  limits.connections = 1;
  World world(limits);
  const auto first = world.get();
  const auto second = world.get(20ms);
  REQUIRE(world.until([&] { return second->came(); }));
  CHECK(second->failed_with(HttpFailureKind::Unreachable));
  CHECK(world.client->queued() == 0);
  CHECK_FALSE(first->came());
  CHECK(world.server.peers.size() == 1);
  CHECK(world.server.peers[0]->heads() == 1);
}

TEST_CASE("http client: when the service is away, every waiting request fails and none hangs") {
  boost::asio::io_context io;
  HttpClientLimits limits;
  limits.connections = 2;
  HttpClient client(io, BaseUrl{"127.0.0.1", unused_port(io), ""}, limits);
  int unreachable = 0;
  for (int i = 0; i < 100; ++i) {
    client.send({"GET", "/", {}, ""}, 5s, [&](HttpOutcome outcome) {
      unreachable += std::get<HttpFailure>(outcome).kind == HttpFailureKind::Unreachable;
    });
  }
  CHECK(run_until(io, [&] { return unreachable == 100; }));
  CHECK(client.in_flight() + client.queued() + client.connections() == 0);
}

TEST_CASE("http client: an outcome may send the next request") {
  World world;
  world.server.answer_heads_with(kOk);
  int rounds = 0;
  std::function<void(HttpOutcome)> again = [&](HttpOutcome outcome) {
    CHECK(outcome.index() == 0);
    if (++rounds < 10) world.client->send({"GET", "/", {}, ""}, 5s, again);
  };
  world.client->send({"GET", "/", {}, ""}, 5s, again);
  CHECK(world.until([&] { return rounds == 10; }));
  CHECK(world.server.peers.size() == 1);
}

TEST_CASE("http client: shutting down ends everything, and says what had left") {
  HttpClientLimits limits;
  limits.connections = 1;
  World world(limits);
  const auto sent = world.get();
  REQUIRE(world.until([&] { return !world.server.peers.empty() && world.server.peers[0]->heads() == 1; }));
  const auto waiting = world.get();
  world.client->shut_down();
  const auto later = world.get();
  settle(world.io);
  CHECK(sent->failed_with(HttpFailureKind::ConnectionLost));
  CHECK(waiting->failed_with(HttpFailureKind::Unreachable));
  CHECK(later->failed_with(HttpFailureKind::Unreachable));
  CHECK(world.client->connections() == 0);
}

TEST_CASE("http client: it may be destroyed with requests under way") {
  World world;
  const auto reply = world.get();
  SUBCASE("while connecting") {}
  SUBCASE("while waiting for the answer") {
    REQUIRE(world.until([&] { return !world.server.peers.empty() && world.server.peers[0]->heads() == 1; }));
  }
  world.client.reset();
  settle(world.io);
  CHECK_FALSE(reply->came());
}

// ---- base URLs ----

TEST_CASE("base url: what is read is written back") {
  const auto plain = BaseUrl::parse("http://qualification");
  REQUIRE(plain.has_value());
  CHECK(plain->port == 80);
  CHECK(plain->authority() == "qualification");
  const auto full = BaseUrl::parse("http://127.0.0.1:8102/api/v1/");
  REQUIRE(full.has_value());
  CHECK(full->base_path == "/api/v1");
  CHECK(full->authority() == "127.0.0.1:8102");
  const auto version_6 = BaseUrl::parse("http://[::1]:8102");
  REQUIRE(version_6.has_value());
  CHECK(version_6->host == "::1");
  CHECK(version_6->authority() == "[::1]:8102");
}

TEST_CASE("base url: what is no plain http address is refused with the reason") {
  for (const char* text :
       {"", "qualification:80", "ftp://x", "http://", "http:///x", "http://x:0", "http://x:65536",
        "http://x:80a", "http://x:", "http://user@x", "http://user:secret@x", "http://x?y", "http://x#y",
        "http://x y", "http://[::1", "http://[x]", "http://a b/", "http://x\r\ny", "http://\xc3\xa4"}) {
    CHECK_MESSAGE(BaseUrl::parse(text).has_error(), text);
  }
  CHECK(BaseUrl::parse("https://x").error().message.find("sidecar") != std::string::npos);
}
