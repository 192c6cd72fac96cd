// Appender: a lane's writer. Holds the one connection that appends, gathers appends into batches while a
// commit is in flight, and keeps the promise that every answer is definite: when an outcome is unknown it
// registers a new writer, which ends the old one, and then looks whether the batch is there (semantics.md
// section 6).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/lane.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/append_queue.hpp"
#include "eventstore/pg/batch.hpp"
#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/database_clock.hpp"
#include "eventstore/pg/entrance.hpp"
#include "eventstore/pg/holdings.hpp"
#include "eventstore/pg/outage.hpp"

namespace skald::store {

class Appender {
 public:
  Appender(boost::asio::io_context& io, std::string conninfo, LaneName name, DatabaseClock& clock,
           Holdings& holdings);
  ~Appender();

  using Established = std::function<void(std::optional<Error>)>;
  // Connects, registers a writer and reads the tails. After it has worked once, the appender comes back by
  // itself however often the connection is lost.
  void open(Established done);
  // The writer no longer stands: registers a new one, once the append in flight has its answer.
  void renew(Established done);
  // Appends under way end first, then the writer is revoked. With the database away nothing is waited for.
  void close(std::function<void()> done);

  void append(Append append, std::function<void(AppendResult)> done);

  // Appends are taken.
  bool stands() const { return state_ == State::Idle || state_ == State::Busy; }
  // It is registered, even if the database refuses appends just now: it must go on giving signs of life.
  bool has_writer() const { return stands() || state_ == State::Pausing; }
  std::int32_t writer() const { return writer_; }
  std::uint16_t partition_count() const { return partition_count_; }
  // Up to which position segments should be made ahead now, if any.
  std::optional<std::int64_t> segments_wanted() const;
  void segments_made(std::int64_t covered) { covered_ = covered; }

 private:
  enum class State {
    Down,      // not opened, or closed
    Entering,  // becoming a writer, or waiting to try that again
    Idle,      // a statement may be run
    Busy,      // a statement of the append path is running
    Pausing    // the database refused for a reason of its own; tried again in a moment
  };

  // Entering.
  void connect();
  void enter();
  void on_entered(const Entered& entered);
  void settle_doubt(bool committed);
  void entering_failed(Error error);
  void tell_established(std::optional<Error> error);

  // Appending.
  void schedule();
  void commit_next();
  void on_answer(Answer answer);
  void committed();
  void refused(const Refused& why);
  void refused_for_now(const Refused& why);
  void look_up_start_keys();
  void find_locked(const Refused& why);
  void leave_out_locked(const Rows& locked, const Refused& why);
  void find_left(const Refused& why);
  Parameters rows_that_change() const;
  void make_segments();
  void run(const Statement& statement, Parameters parameters, std::function<void(const Rows&)> then);
  Batch take_batch();

  // The database being away.
  void connection_lost(const Lost& lost);
  void database_is_away(const std::string& why);
  void database_is_back();
  bool commit_hangs() const;
  void pause(State meanwhile, std::function<void()> then);

  void revoke_and_end();
  void end();
  void later(std::function<void()> act);

  boost::asio::io_context& io_;
  std::string conninfo_;
  LaneName name_;
  DatabaseClock& clock_;
  Holdings& holdings_;
  Entrance entrance_;
  std::shared_ptr<Connection> connection_;
  boost::asio::steady_timer pause_timer_, outage_timer_;
  std::shared_ptr<const bool> alive_;  // what is posted may outlive this, and finds out by a weak pointer

  State state_ = State::Down;
  bool opened_once_ = false;
  bool renewal_wanted_ = false;
  bool keys_are_free_ = false;  // as the last look-up said: a saga's row that is there then has another cause
  bool tail_was_taken_ = false;  // a position was given out twice; entering anew reads the tails again, once
  bool blocked_by_nobody_ = false;  // a lock was waited for, and none of the sagas' rows is locked
  std::vector<Established> established_;
  std::function<void()> closing_;

  std::uint16_t partition_count_ = 0;
  std::int64_t segment_positions_ = 0;
  std::int64_t covered_ = 0;  // first position without a segment
  std::int32_t writer_ = 0;

  AppendQueue queue_;
  Batch batch_;            // in flight
  bool in_doubt_ = false;  // whether batch_ was committed is unknown
  bool scheduled_ = false;
  std::optional<std::chrono::steady_clock::time_point> committing_since_, told_of_locks_;
  Outage outage_;
};

}  // namespace skald::store
