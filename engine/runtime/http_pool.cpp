#include "engine/runtime/http_pool.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "engine/runtime/http_request_text.hpp"

namespace skald::runtime {

HttpPool::HttpPool(boost::asio::io_context& io, BaseUrl service, HttpClientLimits limits)
    : io_(io), settings_{std::move(service), limits, nullptr, std::make_shared<Deadlines>(io)} {
  settings_.resolver = std::make_shared<HttpResolver>(io, settings_.service.host, settings_.service.port,
                                                      limits.resolve_again);
}

HttpPool::~HttpPool() {
  for (auto& [key, member] : connections_) member.connection->close();
  settings_.deadlines->clear();
}

void HttpPool::send(HttpRequest request, Duration timeout, HttpCallback on_outcome) {
  if (is_shut_down_)
    return report_later(std::move(on_outcome), {HttpFailureKind::Unreachable, "the client is shut down"});
  if (auto why = why_not_sendable(request); !why.empty())
    return report_later(std::move(on_outcome), {HttpFailureKind::NotSendable, std::move(why)});
  const bool room = has_room();
  if (!room && waiting_.size() >= settings_.limits.queue)
    return report_later(std::move(on_outcome), {HttpFailureKind::Unreachable,
                                                "too many requests wait for a connection to this service"});
  Calls& calls = room ? running_ : waiting_;
  const auto call = calls.emplace(calls.end());
  call->request = std::move(request);
  call->on_outcome = std::move(on_outcome);
  call->deadline = settings_.deadlines->add(timeout, [this, call] { timed_out(call); });
  if (room) start(call);
}

// ---- connections ----

void HttpPool::start(Calls::iterator call) {
  if (HttpConnection* idle = take_idle()) {
    call->connection = idle;
    connections_.at(idle).call = call;
    return idle->exchange(call->request);
  }
  HttpConnection& added = add_connection();
  call->connection = &added;
  connections_.at(&added).call = call;
  added.open_and_exchange(call->request);
}

HttpConnection* HttpPool::take_idle() {
  while (!idle_.empty()) {
    HttpConnection* connection = idle_.back();
    idle_.pop_back();
    if (connection->is_usable()) return connection;
    remove(*connection);
  }
  return nullptr;
}

HttpConnection& HttpPool::add_connection() {
  auto connection = std::make_shared<HttpConnection>(io_, *this, settings_);
  HttpConnection& added = *connection;
  connections_.emplace(&added, Member{std::move(connection), {}});
  return added;
}

void HttpPool::remove(HttpConnection& connection) {
  connection.close();
  connections_.erase(&connection);
}

void HttpPool::start_waiting() {
  while (!waiting_.empty() && has_room()) {
    const auto call = waiting_.begin();
    running_.splice(running_.end(), waiting_, call);
    start(call);
  }
}

void HttpPool::idle_closed(HttpConnection& connection) {
  std::erase(idle_, &connection);
  remove(connection);
}

// ---- outcomes ----

void HttpPool::exchange_ended(HttpConnection& connection, HttpOutcome outcome) {
  const auto call = connections_.at(&connection).call;
  const auto* failure = std::get_if<HttpFailure>(&outcome);
  const bool again = failure && failure->kind == HttpFailureKind::Unreachable && connection.was_used();
  if (connection.is_open()) {
    idle_.push_back(&connection);
  } else {
    remove(connection);
  }
  // The idle connection had died, and nothing left: another one is as good. Each try uses one up, so this
  // ends.
  if (again) return start(call);

  settings_.deadlines->remove(call->deadline);
  HttpCallback on_outcome = std::move(call->on_outcome);
  running_.erase(call);
  start_waiting();
  if (failure) return report_later(std::move(on_outcome), *failure);
  on_outcome(std::move(outcome));
}

void HttpPool::timed_out(Calls::iterator call) {
  HttpCallback on_outcome = std::move(call->on_outcome);
  auto failure = end_without_answer(call, HttpFailureKind::TimedOut, "no answer in time");
  start_waiting();
  report_later(std::move(on_outcome), std::move(failure));
}

void HttpPool::shut_down() {
  is_shut_down_ = true;
  while (!running_.empty() || !waiting_.empty()) {
    const auto call = running_.empty() ? waiting_.begin() : running_.begin();
    HttpCallback on_outcome = std::move(call->on_outcome);
    report_later(std::move(on_outcome),
                 end_without_answer(call, HttpFailureKind::ConnectionLost, "the client was shut down"));
  }
  settings_.deadlines->clear();
  while (!idle_.empty()) idle_closed(*idle_.back());
}

// Takes the call out, and its connection with it: what may still come on it belongs to nobody.
HttpFailure HttpPool::end_without_answer(Calls::iterator call, HttpFailureKind when_sent, const char* why) {
  if (!call->connection) {
    waiting_.erase(call);
    return {HttpFailureKind::Unreachable, std::string(why) + ": waited for a free connection"};
  }
  const bool sent = call->connection->has_sent();
  remove(*call->connection);
  running_.erase(call);
  if (sent) return {when_sent, why};
  return {HttpFailureKind::Unreachable, std::string(why) + ": could not connect"};
}

// Failures may come about within send() or within another one's outcome; they are told in a turn of their
// own.
void HttpPool::report_later(HttpCallback on_outcome, HttpFailure failure) {
  boost::asio::post(io_, [on_outcome = std::move(on_outcome), failure = std::move(failure)]() mutable {
    on_outcome(std::move(failure));
  });
}

}  // namespace skald::runtime
