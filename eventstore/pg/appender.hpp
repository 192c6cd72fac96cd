// Appender: a lane's writer. Holds the one connection that appends, gathers appends into batches while a commit
// is in flight, and keeps the promise that every answer is definite: when an outcome is unknown it registers a
// new writer, which ends the old one, and then looks whether the batch is there (semantics.md section 6).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/lane.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/batch.hpp"
#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/database_clock.hpp"
#include "eventstore/pg/entrance.hpp"
#include "eventstore/pg/holdings.hpp"

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

  bool is_open() const { return state_ != State::Down; }
  bool stands() const { return state_ == State::Idle || state_ == State::Busy; }
  std::int32_t writer() const { return writer_; }
  std::uint16_t partition_count() const { return partition_count_; }
  const std::string& why_away() const { return why_away_; }
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
  Batch gather();
  void on_answer(Answer answer);
  void committed(const Rows& rows);
  void refused(const Refused& why);
  void refused_for_now(const Refused& why);
  void look_up_start_keys();
  void answer_start_key(const std::string& definition, const std::string& key, const StartKeyTaken& taken);
  void halve(const Refused& why);
  void put_back();
  void answer_saga(SagaId saga, const AppendResult& result);
  void make_segments();
  void no_longer_suspect(std::size_t count);

  // The database being away.
  void away(const std::string& why);
  void back();
  void pause(State meanwhile, std::function<void()> then);
  void refuse_queue();
  bool is_away_for_long() const;
  void finish_closing();
  void later(std::function<void()> act);

  boost::asio::io_context& io_;
  std::string conninfo_;
  LaneName name_;
  DatabaseClock& clock_;
  Holdings& holdings_;
  Entrance entrance_;
  std::shared_ptr<Connection> connection_;
  boost::asio::steady_timer pause_timer_, patience_timer_;
  std::shared_ptr<const bool> alive_;  // what is posted may outlive this, and finds out by a weak pointer

  State state_ = State::Down;
  bool opened_once_ = false;
  bool renewal_wanted_ = false;
  bool tail_was_taken_ = false;  // a position was given out twice; entering anew reads the tails again, once
  std::vector<Established> established_;
  std::function<void()> closing_;

  std::uint16_t partition_count_ = 0;
  std::int64_t segment_positions_ = 0;
  std::int64_t covered_ = 0;  // first position without a segment
  std::int32_t writer_ = 0;

  std::deque<PendingAppend> queue_;
  Batch batch_;           // in flight
  bool in_doubt_ = false;  // whether batch_ was committed is unknown
  bool scheduled_ = false;
  std::size_t limit_;         // of members in the next batch, while a bad one is looked for
  std::size_t suspects_ = 0;  // so many at the front of the queue were in a batch that was refused

  std::optional<std::chrono::steady_clock::time_point> away_since_;
  std::string why_away_;
  std::chrono::milliseconds next_pause_;
};

}  // namespace skald::store
