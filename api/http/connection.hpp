// One client's connection to the front end: reads a request, checks it, hands it over, writes the answer, and
// begins again. One request at a time, so pipelined ones are answered in order, and nothing is read while the
// handler works: a client that sends faster than it is served fills its own buffers, not ours.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "api/http/front_check.hpp"
#include "api/http/response_text.hpp"
#include "api/http/server.hpp"
#include "engine/runtime/http_body.hpp"
#include "engine/runtime/http_socket.hpp"

namespace skald::api {

class Connection;

// What a server and its connections have in common.
struct ServerState {
  ServerLimits limits;
  Handler handler;
  bool is_stopping = false;
  std::size_t in_progress = 0;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> open;
};

// Owned by ServerState::open until it closes, and by its own operations until they notice that.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(boost::asio::ip::tcp::socket socket, std::string peer, std::shared_ptr<ServerState> server);

  void start();
  // Says why there is no service, and closes.
  void start_refused(const Response& why);
  // Called by the server's sweep.
  void check_deadline(Clock::time_point now);
  void close();

 private:
  class PendingAnswer;
  enum class Phase {
    Idle,       // waits for the first byte of a request
    Head,       // reads its header
    Body,       // reads its body
    Handling,   // the handler has it
    Writing,    // its answer is on the way
    Lingering,  // the last answer is sent; what still comes is thrown away
    Closed
  };

  void enter(Phase phase, Duration at_most);
  bool is_reading() const;
  void advance();
  bool step();
  bool begin_request();
  bool read_head();
  bool begin_body(CheckedHead checked);
  bool read_body();
  bool hand_over();
  bool write();
  void linger();

  bool is_handling(std::uint64_t number) const;
  void answer(std::uint64_t number, const Response& response);
  bool refuse(const Response& why);
  void begin_answer(const Response& response);

  void await_bytes();
  void on_bytes();
  void await_room();

  runtime::HttpSocket socket_;
  const std::string peer_;
  const std::shared_ptr<ServerState> server_;

  Phase phase_ = Phase::Idle;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool is_advancing_ = false;
  bool is_awaiting_bytes_ = false;

  std::string input_;  // received and not yet understood
  runtime::HeadScanner scanner_;
  bool skipped_empty_line_ = false;
  Request request_;
  runtime::HttpBodyReader body_reader_;
  ResponseManner manner_;
  std::uint64_t number_ = 0;  // of the request in hand, so that a late answer is known as such
};

}  // namespace skald::api
