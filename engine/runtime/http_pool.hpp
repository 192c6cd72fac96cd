// The connections of one service and the requests that wait for them: what stands behind HttpClient. A
// request takes an idle connection (the one used last, it is the surest to live), else opens one, else waits
// its turn.
#pragma once

#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/runtime/http_client.hpp"
#include "engine/runtime/http_connection.hpp"

namespace skald::runtime {

class HttpPool final : public HttpConnectionOwner {
 public:
  HttpPool(boost::asio::io_context& io, BaseUrl service, HttpClientLimits limits);
  ~HttpPool();

  void send(HttpRequest request, Duration timeout, HttpCallback on_outcome);
  void shut_down();

  std::size_t running() const { return running_.size(); }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t connections() const { return connections_.size(); }

 private:
  // A request under way. Its place in a list is its address, which connection and deadline refer to.
  struct Call {
    HttpRequest request;
    HttpCallback on_outcome;
    Deadlines::Entry deadline;
    HttpConnection* connection = nullptr;  // null while it waits
  };
  using Calls = std::list<Call>;
  struct Member {
    std::shared_ptr<HttpConnection> connection;
    Calls::iterator call;  // meaningful while it is not idle
  };

  void exchange_ended(HttpConnection& connection, HttpOutcome outcome) override;
  void idle_closed(HttpConnection& connection) override;

  bool has_room() const { return !idle_.empty() || connections_.size() < settings_.limits.connections; }
  void start(Calls::iterator call);
  HttpConnection* take_idle();
  HttpConnection& add_connection();
  void remove(HttpConnection& connection);
  void start_waiting();
  void timed_out(Calls::iterator call);
  HttpFailure end_without_answer(Calls::iterator call, HttpFailureKind when_sent, const char* why);
  void report_later(HttpCallback on_outcome, HttpFailure failure);

  boost::asio::io_context& io_;
  HttpConnectionSettings settings_;
  Calls running_;
  Calls waiting_;
  std::unordered_map<HttpConnection*, Member> connections_;
  std::vector<HttpConnection*> idle_;  // used last: at the back
  bool is_shut_down_ = false;
};

}  // namespace skald::runtime
