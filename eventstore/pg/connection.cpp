#include "eventstore/pg/connection.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "engine/base/check.hpp"
#include "eventstore/pg/server_text.hpp"

namespace skald::store {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

namespace {

constexpr Duration kConnectPatience = std::chrono::seconds(5);

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

bool is_error(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

// What the user left open: a dead peer is found within seconds, and people see in pg_stat_activity who it is.
std::string with_defaults(const std::string& conninfo) {
  if (conninfo.find("://") != conninfo.npos) return conninfo;
  return "application_name=skald keepalives_idle=5 keepalives_interval=2 keepalives_count=3 "
         "tcp_user_timeout=10000 " +
         conninfo;
}

}  // namespace

std::shared_ptr<Connection> Connection::make(asio::io_context& io, std::string conninfo) {
  return std::shared_ptr<Connection>(new Connection(io, std::move(conninfo)));
}

Connection::Connection(asio::io_context& io, std::string conninfo)
    : io_(io), conninfo_(with_defaults(conninfo)), descriptor_(io), deadline_(io) {}

Connection::~Connection() {
  close();
}

void Connection::open(std::function<void(std::optional<std::string>)> done) {
  CHECK_THAT(!connection_, "a connection is opened once until it is closed");
  ++turn_;
  opened_ = std::move(done);
  phase_ = Phase::Connecting;
  connection_ = PQconnectStart(conninfo_.c_str());
  arm(kConnectPatience, "the server did not answer in time");
  asio::post(io_, [self = shared_from_this(), turn = turn_] {
    if (turn != self->turn_) return;
    if (!self->connection_ || PQstatus(self->connection_) == CONNECTION_BAD) {
      self->opened(trimmed(PQerrorMessage(self->connection_)));
      return;
    }
    PQsetNoticeReceiver(self->connection_, on_notice, self.get());
    self->descriptor_.assign(PQsocket(self->connection_));
    self->wait_for(Descriptor::wait_write, &Connection::poll_connect);
  });
}

// libpq may go on to the next address with another socket, even one of the same number, so the descriptor is
// given back before each step and taken anew after it.
void Connection::poll_connect() {
  release_descriptor();
  const auto next = PQconnectPoll(connection_);
  if (next == PGRES_POLLING_FAILED) return opened(trimmed(PQerrorMessage(connection_)));
  descriptor_.assign(PQsocket(connection_));
  if (next == PGRES_POLLING_READING) return wait_for(Descriptor::wait_read, &Connection::poll_connect);
  if (next == PGRES_POLLING_WRITING) return wait_for(Descriptor::wait_write, &Connection::poll_connect);
  PQsetnonblocking(connection_, 1);
  opened(std::nullopt);
}

void Connection::opened(std::optional<std::string> why_not) {
  auto done = std::exchange(opened_, nullptr);
  ++turn_;
  reading_ = writing_ = false;
  deadline_.cancel();
  phase_ = Phase::Idle;
  open_ = !why_not;
  if (why_not) close();
  done(std::move(why_not));
}

void Connection::run(const Statement& statement, Parameters parameters, Duration patience,
                     std::function<void(Answer)> done) {
  CHECK_THAT(!is_busy(), "one statement at a time");
  CHECK_THAT(parameters.size() == statement.types.size(), "each parameter has its type");
  statement_ = &statement;
  parameters_ = std::move(parameters);
  done_ = std::move(done);
  ++turn_;
  arm(patience, "the statement was not answered in time");
  // Posted, so that a failure to send is told like every other one: later.
  asio::post(io_, [self = shared_from_this(), turn = turn_] {
    if (turn == self->turn_) self->send();
  });
}

void Connection::send() {
  if (!open_) return lose("the connection is not open");
  const bool known = prepared_.contains(statement_->name);
  const int count = static_cast<int>(statement_->types.size());
  phase_ = known ? Phase::Executing : Phase::Preparing;
  int sent = 0;
  if (known) {
    const auto values = parameters_.pointers();
    const auto lengths = parameters_.lengths();
    const std::vector<int> formats(values.size(), 1);
    sent = PQsendQueryPrepared(connection_, statement_->name, count, values.data(), lengths.data(),
                               formats.data(), 1);
  } else {
    sent = PQsendPrepare(connection_, statement_->name, statement_->sql, count, statement_->types.data());
  }
  if (!sent) return lose(trimmed(PQerrorMessage(connection_)));
  pump();
}

// Flushes and reads at the same time: a server that cannot get rid of its answer does not take our statement.
void Connection::pump() {
  const int unsent = PQflush(connection_);
  if (unsent < 0) return lose(trimmed(PQerrorMessage(connection_)));
  if (unsent > 0 && !writing_) {
    writing_ = true;
    wait_for(Descriptor::wait_write, &Connection::pump);
  }
  if (!reading_) {
    reading_ = true;
    wait_for(Descriptor::wait_read, &Connection::on_readable);
  }
}

void Connection::on_readable() {
  if (!PQconsumeInput(connection_)) return lose(trimmed(PQerrorMessage(connection_)));
  take_results();
}

// A statement has ended when PQgetResult gives null: only then has ReadyForQuery come. Rows before it prove
// nothing, the commit may still fail.
void Connection::take_results() {
  while (!PQisBusy(connection_)) {
    PGresult* result = PQgetResult(connection_);
    if (!result) return statement_ended();
    if (!result_ || !is_error(result_)) std::swap(result_, result);
    PQclear(result);
  }
  pump();
}

void Connection::statement_ended() {
  PGresult* result = std::exchange(result_, nullptr);
  Rows rows(result);
  if (PQstatus(connection_) != CONNECTION_OK) return lose(trimmed(PQerrorMessage(connection_)));
  if (!result) return lose("the server ended the statement without a result");
  if (is_error(result)) {
    auto sqlstate = field(result, PG_DIAG_SQLSTATE);
    if (sqlstate.empty()) return lose(trimmed(PQresultErrorMessage(result)));
    return finish(Refused{std::move(sqlstate), field(result, PG_DIAG_CONSTRAINT_NAME),
                          field(result, PG_DIAG_MESSAGE_PRIMARY)});
  }
  if (phase_ == Phase::Preparing) {
    prepared_.insert(statement_->name);
    return send();
  }
  // A cancelled wait for a synchronous standby ends in rows and a warning: committed here, perhaps not there.
  if (warned_) return lose("the server warned during the statement");
  finish(std::move(rows));
}

void Connection::finish(Answer answer) {
  ++turn_;
  reading_ = writing_ = warned_ = false;
  descriptor_.cancel();
  deadline_.cancel();
  phase_ = Phase::Idle;
  auto done = std::exchange(done_, nullptr);
  done(std::move(answer));
}

void Connection::lose(std::string why) {
  auto done = std::exchange(done_, nullptr);
  close();
  if (done) done(Lost{std::move(why)});
}

void Connection::close() {
  ++turn_;
  open_ = reading_ = writing_ = warned_ = false;
  phase_ = Phase::Idle;
  done_ = nullptr;
  opened_ = nullptr;
  prepared_.clear();
  deadline_.cancel();
  release_descriptor();
  PQclear(std::exchange(result_, nullptr));
  PQfinish(std::exchange(connection_, nullptr));
}

void Connection::arm(Duration patience, const char* why) {
  deadline_.expires_after(patience);
  deadline_.async_wait(
      [self = shared_from_this(), turn = turn_, why](const boost::system::error_code& error) {
        if (error || turn != self->turn_) return;
        if (self->opened_)
          self->opened(why);
        else
          self->lose(why);
      });
}

void Connection::release_descriptor() {
  if (descriptor_.is_open()) descriptor_.release();
}

void Connection::wait_for(Descriptor::wait_type what, void (Connection::*then)()) {
  descriptor_.async_wait(
      what, [self = shared_from_this(), turn = turn_, what, then](const boost::system::error_code& error) {
        if (error || turn != self->turn_) return;
        (what == Descriptor::wait_read ? self->reading_ : self->writing_) = false;
        (self.get()->*then)();
      });
}

void Connection::on_notice(void* self, const PGresult* notice) {
  if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING")
    static_cast<Connection*>(self)->warned_ = true;
}

}  // namespace skald::store
