#include "tests/store/fault_proxy.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace skald::store::testing {

namespace {

constexpr char kSync = 'S', kParse = 'P', kTerminate = 'X', kCommandComplete = 'C', kReadyForQuery = 'Z';

std::string be32(std::size_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>((number >> shift) & 0xff);
  return text;
}

std::string message(char type, const std::string& body = "") {
  return type + be32(body.size() + 4) + body;
}

std::string error_response(const std::string& severity, const std::string& sqlstate) {
  const std::string none(1, '\0');
  return message('E', "S" + severity + none + "V" + severity + none + "C" + sqlstate + none +
                          "Mmade by the test" + none + none);
}

std::size_t index(Direction direction) {
  return direction == Direction::ToServer ? 0 : 1;
}

// Cuts a stream of bytes into messages.
class Framer {
 public:
  explicit Framer(bool begins_untyped) : untyped_(begins_untyped) {}

  void add(const char* bytes, std::size_t size) { bytes_.append(bytes, size); }
  std::optional<std::string> next() {
    const std::size_t head = untyped_ ? 4 : 5;
    if (bytes_.size() < head) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = head - 4; i < head; ++i)
      length = length << 8 | static_cast<unsigned char>(bytes_[i]);
    length += head - 4;
    if (bytes_.size() < length) return std::nullopt;
    untyped_ = false;
    auto first = bytes_.substr(0, length);
    bytes_.erase(0, length);
    return first;
  }

 private:
  std::string bytes_;
  bool untyped_;
};

}  // namespace

struct FaultProxy::Pair {
  explicit Pair(boost::asio::io_context& io) : sockets{Unix::socket(io), Unix::socket(io)} {}

  Unix::socket& client() { return sockets[0]; }
  Unix::socket& server() { return sockets[1]; }
  Unix::socket& from(Direction direction) { return sockets[index(direction)]; }
  Unix::socket& to(Direction direction) { return sockets[1 - index(direction)]; }
  void close() {
    boost::system::error_code none;
    client().close(none);
    server().close(none);
  }

  std::array<Unix::socket, 2> sockets;
  std::array<std::array<char, 4096>, 2> buffers{};
  std::array<Framer, 2> framers{Framer(true), Framer(false)};
  std::array<bool, 2> silent{};
  std::array<std::deque<char>, 2> slow{};  // bytes that are on their way, one by one
  bool is_slow = false;
  int servers = 0;  // how often it was moved: what an earlier server still says is not heard
  bool fails_commit = false;
  std::string introduction;           // its first message
  std::vector<std::string> prepared;  // its Parse messages
  std::string sqlstate;
};

FaultProxy::FaultProxy(boost::asio::io_context& io, std::string server)
    : io_(io), server_(std::move(server)), directory_("/tmp/skald-proxy-XXXXXX"), acceptor_(io) {
  if (!mkdtemp(directory_.data())) throw std::runtime_error("no directory for the proxy");
  acceptor_ = Unix::acceptor(io, Unix::endpoint(directory_ + "/.s.PGSQL.5432"));
  accept();
}

FaultProxy::~FaultProxy() {
  std::filesystem::remove_all(directory_);
}

void FaultProxy::cut(Direction direction, std::size_t after) {
  arm({Fault::Cut, direction, after});
}
void FaultProxy::silence(Direction direction) {
  arm({Fault::Silence, direction});
}
void FaultProxy::dribble() {
  arm({Fault::Dribble});
}
void FaultProxy::lose_ready() {
  arm({Fault::LoseReady});
}
void FaultProxy::say_shut_down() {
  arm({Fault::SayShutDown});
}
void FaultProxy::fail_commit(const std::string& sqlstate) {
  arm({Fault::FailCommit, Direction::ToServer, 0, sqlstate});
}
void FaultProxy::hold_commit() {
  arm({Fault::HoldCommit});
}

void FaultProxy::commit() {
  const auto pair = std::exchange(uncommitted_, nullptr);
  if (pair && pair->server().is_open()) write(pair, Direction::ToServer, message(kSync));
}

void FaultProxy::accept() {
  auto pair = std::make_shared<Pair>(io_);
  acceptor_.async_accept(pair->client(), [this, pair](const boost::system::error_code& error) {
    if (error) return;
    boost::system::error_code refused;
    pair->server().connect(Unix::endpoint(server_ + "/.s.PGSQL.5432"), refused);
    if (refused) {
      pair->close();
    } else {
      pairs_.push_back(pair);
      read(pair, Direction::ToServer);
      read(pair, Direction::ToClient);
    }
    accept();
  });
}

void FaultProxy::read(std::shared_ptr<Pair> pair, Direction direction) {
  auto& buffer = pair->buffers[index(direction)];
  pair->from(direction).async_read_some(
      boost::asio::buffer(buffer),
      [=, this, &buffer, servers = pair->servers](const boost::system::error_code& error, std::size_t size) {
        const auto was_moved = [&] { return direction == Direction::ToClient && servers != pair->servers; };
        if (was_moved()) return;
        if (error && pools_ && direction == Direction::ToClient) return;
        if (error) return pair->close();
        auto& framer = pair->framers[index(direction)];
        framer.add(buffer.data(), size);
        while (const auto next = framer.next()) take(pair, direction, *next);
        if (!was_moved() && pair->from(direction).is_open()) read(pair, direction);
      });
}

void FaultProxy::take(const std::shared_ptr<Pair>& pair, Direction direction, const std::string& message) {
  if (is_armed(Fault::Silence) && armed_->direction == direction) {
    pair->silent[index(direction)] = true;
    armed_.reset();
  }
  if (is_armed(Fault::Dribble)) {
    pair->is_slow = true;
    armed_.reset();
  }
  if (direction == Direction::ToServer)
    to_server(pair, message);
  else
    to_client(pair, message);
}

void FaultProxy::to_server(const std::shared_ptr<Pair>& pair, const std::string& text) {
  if (pair->introduction.empty()) pair->introduction = text;
  if (text[0] == kParse && pair->introduction != text) pair->prepared.push_back(text);
  const bool keeps_open = is_armed(Fault::HoldCommit) || is_armed(Fault::FailCommit);
  if (text[0] != kSync || !keeps_open) return write(pair, Direction::ToServer, text);
  // Flush instead of Sync: executed and answered, but not committed.
  write(pair, Direction::ToServer, message('H'));
  if (is_armed(Fault::HoldCommit)) uncommitted_ = pair;
  pair->fails_commit = is_armed(Fault::FailCommit);
  pair->sqlstate = armed_->sqlstate;
  armed_.reset();
}

void FaultProxy::to_client(const std::shared_ptr<Pair>& pair, const std::string& text) {
  const bool is_ready = text[0] == kReadyForQuery;
  if (is_ready && is_armed(Fault::LoseReady)) {
    armed_.reset();
    return pair->close();
  }
  if (is_ready && is_armed(Fault::SayShutDown)) {
    armed_.reset();
    write(pair, Direction::ToClient, error_response("FATAL", "57P01"));
    return pair->close();
  }
  write(pair, Direction::ToClient, text);
  if (is_ready) pair->is_slow = false;
  if (text[0] == kCommandComplete && std::exchange(pair->fails_commit, false)) {
    write(pair, Direction::ToClient, error_response("ERROR", pair->sqlstate) + message(kReadyForQuery, "I"));
    // This server would commit at the next Sync; a fresh one knows of nothing, as after a rollback.
    move_over(pair);
  }
}

void FaultProxy::write(const std::shared_ptr<Pair>& pair, Direction direction, const std::string& bytes) {
  if (pair->silent[index(direction)]) return;
  if (pair->is_slow) {
    auto& slow = pair->slow[index(direction)];
    const bool is_on_its_way = !slow.empty();
    slow.insert(slow.end(), bytes.begin(), bytes.end());
    if (!is_on_its_way) write_slowly(pair, direction);
    return;
  }
  const bool cuts = is_armed(Fault::Cut) && armed_->direction == direction && bytes.size() >= armed_->after;
  const auto pass = cuts ? armed_->after : bytes.size();
  if (is_armed(Fault::Cut) && armed_->direction == direction && !cuts) armed_->after -= bytes.size();
  passed_[index(direction)] += pass;
  boost::system::error_code failed;
  boost::asio::write(pair->to(direction), boost::asio::buffer(bytes.data(), pass), failed);
  if (cuts) armed_.reset();
  if (cuts || failed) pair->close();
}

void FaultProxy::write_slowly(std::shared_ptr<Pair> pair, Direction direction) {
  auto& slow = pair->slow[index(direction)];
  boost::system::error_code failed;
  boost::asio::write(pair->to(direction), boost::asio::buffer(&slow.front(), 1), failed);
  slow.pop_front();
  ++passed_[index(direction)];
  if (failed) return pair->close();
  if (!slow.empty()) boost::asio::post(io_, [=, this] { write_slowly(pair, direction); });
}

void FaultProxy::forget_prepared() {
  for (const auto& one : pairs_)
    if (const auto pair = one.lock()) pair->prepared.clear();
}

void FaultProxy::switch_to(std::string server) {
  server_ = std::move(server);
  for (const auto& one : pairs_)
    if (const auto pair = one.lock(); pair && pair->client().is_open()) move_over(pair);
}

// The client notices nothing: it is introduced anew, and its statements are prepared there.
void FaultProxy::move_over(const std::shared_ptr<Pair>& pair) {
  Unix::socket fresh(io_);
  fresh.connect(Unix::endpoint(server_ + "/.s.PGSQL.5432"));
  const auto say = [&](const std::string& text) {
    boost::asio::write(fresh, boost::asio::buffer(text));
    Framer framer(false);
    std::array<char, 4096> buffer{};
    for (char last = 0; last != kReadyForQuery;) {
      framer.add(buffer.data(), fresh.read_some(boost::asio::buffer(buffer)));
      while (const auto next = framer.next()) last = (*next)[0];
    }
  };
  say(pair->introduction);
  for (const auto& parse : pair->prepared) say(parse + message(kSync));
  ++pair->servers;
  boost::system::error_code none;
  boost::asio::write(pair->server(), boost::asio::buffer(message(kTerminate)), none);
  pair->server() = std::move(fresh);
  pair->framers[index(Direction::ToClient)] = Framer(false);
  read(pair, Direction::ToClient);
}

}  // namespace skald::store::testing
