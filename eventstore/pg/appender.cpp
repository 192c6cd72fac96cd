#include "eventstore/pg/appender.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "engine/base/random.hpp"
#include "eventstore/pg/sqlstate.hpp"
#include "eventstore/pg/statements.hpp"

namespace skald::store {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// A batch takes milliseconds. Without an answer for so long the connection, not the batch, is the trouble.
constexpr Duration kAppendPatience = 5s;

// They are asked for again each second.
constexpr auto kTellAgain = 1min;

// Any unique number does; a UUIDv7 also tells when.
SagaId new_incarnation() {
  auto random = Random::from_system();
  return new_saga_id(system_now(), {}, random);
}

bool violates_key_of(const Refused& why, std::string_view table) {
  return why.sqlstate == "23505" && why.constraint.starts_with(table) && why.constraint.ends_with("_pkey");
}

}  // namespace

Appender::Appender(asio::io_context& io, std::string conninfo, LaneName name, DatabaseClock& clock,
                   Holdings& holdings)
    : io_(io),
      conninfo_(std::move(conninfo)),
      name_(std::move(name)),
      clock_(clock),
      holdings_(holdings),
      entrance_(name_, new_incarnation(), clock),
      pause_timer_(io),
      outage_timer_(io),
      alive_(std::make_shared<const bool>(true)),
      queue_([this](std::function<void()> act) { later(std::move(act)); }) {}

Appender::~Appender() {
  if (connection_) connection_->close();
}

void Appender::open(Established done) {
  established_.push_back(std::move(done));
  if (state_ == State::Down)
    connect();
  else if (has_writer())
    later([this] { tell_established(std::nullopt); });
}

void Appender::renew(Established done) {
  established_.push_back(std::move(done));
  if (state_ == State::Idle)
    enter();
  else if (state_ != State::Entering)
    renewal_wanted_ = true;
}

void Appender::append(Append append, std::function<void(AppendResult)> done) {
  std::optional<AppendResult> refusal;
  if (state_ == State::Down || closing_)
    refusal = NotOwner{};
  else if (!holdings_.may_append(append.saga.partition()))
    refusal = NotOwner{};
  else if (outage_.is_long() && !stands())
    refusal = LogUnavailable{outage_.why()};
  else if (commit_hangs())
    refusal = LogUnavailable{"the database does not answer"};
  else if (queue_.is_full())
    refusal = LogUnavailable{"too many appends are waiting"};
  if (refusal) {
    asio::post(io_, [done = std::move(done), result = std::move(*refusal)] { done(result); });
    return;
  }
  queue_.push({std::move(append), std::move(done)});
  schedule();
}

// --- entering
// -------------------------------------------------------------------------------------------------

void Appender::connect() {
  state_ = State::Entering;
  if (connection_) connection_->close();
  connection_ = Connection::make(io_, conninfo_);
  connection_->open([this](std::optional<std::string> why_not) {
    if (why_not) return entering_failed(unavailable(*why_not));
    enter();
  });
}

void Appender::enter() {
  state_ = State::Entering;
  renewal_wanted_ = false;
  const auto doubt = in_doubt_ ? std::optional(batch_.probe()) : std::nullopt;
  entrance_.enter(connection_, doubt, [this](Result<Entered> entered) {
    if (!entered) return entering_failed(entered.error());
    on_entered(*entered);
  });
}

void Appender::on_entered(const Entered& entered) {
  partition_count_ = entered.partition_count;
  segment_positions_ = entered.segment_positions;
  covered_ = entered.covered;
  writer_ = entered.writer;
  if (std::exchange(in_doubt_, false)) settle_doubt(entered.found);
  for (const auto partition : holdings_.renew(entered.held, entered.kept)) {
    log::error("partition {}: the log ends at {}, before what had been acknowledged: a fail-over lost events",
               partition.number, entered.held.at(partition).position);
  }
  queue_.refuse_lost(holdings_);
  state_ = State::Idle;
  opened_once_ = true;
  database_is_back();
  later([this] { tell_established(std::nullopt); });
  schedule();
}

void Appender::settle_doubt(bool committed) {
  log::info("lane {}: the append whose answer was lost {}", name_.lane,
            committed ? "had been committed" : "had not happened");
  FAILPOINT("append-doubt-settled");
  if (!committed) return queue_.put_back(take_batch());
  FAILPOINT("append-doubt-settled-as-done");
  for (const auto& [partition, tail] : batch_.tails()) holdings_.advance(partition, tail);
  queue_.written(batch_);
  later([batch = std::make_shared<Batch>(take_batch())] { batch->committed(); });
}

void Appender::entering_failed(Error error) {
  database_is_away(error.message);
  if (!opened_once_) {
    connection_->close();
    state_ = State::Down;
  } else {
    pause(State::Entering, [this] { connect(); });
  }
  tell_established(std::move(error));
}

void Appender::tell_established(std::optional<Error> error) {
  for (const auto& done : std::exchange(established_, {})) done(error);
}

// --- appending
// ------------------------------------------------------------------------------------------------

// Posted, so that everything this turn of the loop brings shares the commit.
void Appender::schedule() {
  if (scheduled_ || state_ != State::Idle) return;
  scheduled_ = true;
  later([this] {
    scheduled_ = false;
    if (state_ == State::Idle) commit_next();
  });
}

void Appender::commit_next() {
  if (renewal_wanted_) return enter();
  if (queue_.empty()) {
    if (closing_) revoke_and_end();
    return;
  }
  batch_ = queue_.gather();
  if (batch_.empty()) return schedule();
  auto parameters = batch_.place(writer_, holdings_);
  const bool beyond = std::any_of(batch_.tails().begin(), batch_.tails().end(),
                                  [&](const auto& tail) { return tail.second.position >= covered_; });
  if (beyond) {
    queue_.put_back(take_batch());
    return make_segments();
  }
  state_ = State::Busy;
  FAILPOINT("append-placed");
  committing_since_ = std::chrono::steady_clock::now();
  connection_->run(statements::kAppend, std::move(parameters), kAppendPatience, [this](Answer answer) {
    FAILPOINT("append-executed");
    FAILPOINT_ERROR("append-answer-lost",
                    answer = Lost{"a failpoint lost the answer of an append that was executed"});
    committing_since_.reset();
    on_answer(std::move(answer));
  });
  FAILPOINT("append-sent");
}

void Appender::on_answer(Answer answer) {
  if (const auto* lost = std::get_if<Lost>(&answer)) {
    in_doubt_ = true;
    return connection_lost(*lost);
  }
  state_ = State::Idle;
  if (const auto* why = std::get_if<Refused>(&answer)) return refused(*why);
  const auto& rows = std::get<Rows>(answer);
  const auto appended = rows.int8(0, 0);
  if (appended == 0) {
    log::warn("lane {}: writer {} was revoked or the server is another one; entering anew", name_.lane,
              writer_);
    queue_.put_back(take_batch());
    return enter();
  }
  CHECK_THAT(appended == static_cast<std::int64_t>(batch_.events()),
             "a batch is appended whole or not at all");
  clock_.observe(rows.time(0, 1));
  committed();
}

void Appender::committed() {
  for (const auto& [partition, tail] : batch_.tails()) holdings_.advance(partition, tail);
  FAILPOINT("append-known-to-be-durable");
  tail_was_taken_ = blocked_by_nobody_ = false;
  database_is_back();
  queue_.written(batch_);
  const auto batch = take_batch();
  schedule();
  batch.committed();
}

// Nothing was written. Whose fault it is decides what to do.
void Appender::refused(const Refused& why) {
  // A parent that asks for its child once more names the same key and the same saga: either may be told
  // first.
  if (violates_key_of(why, "start_key") ||
      (violates_key_of(why, "saga_") && !std::exchange(keys_are_free_, false)))
    return look_up_start_keys();
  if (violates_key_of(why, "event_") && !std::exchange(tail_was_taken_, true)) {
    log::error("lane {}: a position of the log was taken already ({}); reading the tails anew", name_.lane,
               why.message);
    queue_.put_back(take_batch());
    return enter();
  }
  if (sqlstate::is_about_the_data(why.sqlstate)) {
    const auto unstorable = queue_.take_apart(take_batch(), why.message + " (" + why.sqlstate + ")");
    if (unstorable)
      log::error("saga {}: the database refuses its events: {} ({})", to_text(*unstorable), why.message,
                 why.sqlstate);
    return schedule();
  }
  if (why.sqlstate == sqlstate::kLockNotAvailable) return find_locked(why);
  if (why.sqlstate == sqlstate::kSagaHasLeft) return find_left(why);
  queue_.put_back(take_batch());
  refused_for_now(why);
}

void Appender::refused_for_now(const Refused& why) {
  database_is_away(why.message + " (" + why.sqlstate + ")");
  if (sqlstate::is_about_the_connection(why.sqlstate)) return pause(State::Entering, [this] { connect(); });
  pause(State::Pausing, [this] {
    state_ = State::Idle;
    schedule();
  });
}

// Some of the keys are taken. Those that have them are told by whom; the others are tried again.
void Appender::look_up_start_keys() {
  ArrayParameter definitions(pgtype::kText), keys(pgtype::kText);
  for (const auto& member : batch_.members()) {
    if (!member.append.start || !member.append.start->start_key) continue;
    definitions.add(std::string_view(member.append.start->definition));
    keys.add(std::string_view(*member.append.start->start_key));
  }
  Parameters asked;
  asked.add(std::move(definitions)).add(std::move(keys));
  queue_.put_back(take_batch());
  run(statements::kFindStartKeys, std::move(asked), [this](const Rows& rows) {
    keys_are_free_ = rows.count() == 0;
    for (int row = 0; row < rows.count(); ++row) {
      queue_.answer_start_key(rows.text(row, 0), rows.text(row, 1),
                              {rows.saga_id(row, 2), rows.hash(row, 3)});
    }
  });
}

// Somebody has locked a row that the batch changes. Only the sagas whose row it is wait for him.
void Appender::find_locked(const Refused& why) {
  auto changed = rows_that_change();
  queue_.put_back(take_batch());
  run(statements::kFindLocked, std::move(changed),
      [this, why](const Rows& rows) { leave_out_locked(rows, why); });
}

Parameters Appender::rows_that_change() const {
  ArrayParameter partitions(pgtype::kInt2), sagas(pgtype::kUuid);
  for (const SagaId& saga : batch_.changed_sagas()) {
    partitions.add(static_cast<std::int16_t>(saga.partition().number));
    sagas.add(saga);
  }
  Parameters rows;
  rows.add(std::move(partitions)).add(std::move(sagas));
  return rows;
}

// A saga of the batch had ended and left the log after it was read. Only the log knows that, so it answers as
// it does for a partition that was lost; asked again, there is no such saga.
void Appender::find_left(const Refused& why) {
  auto changed = rows_that_change();
  queue_.put_back(take_batch());
  run(statements::kFindLeft, std::move(changed), [this, why](const Rows& rows) {
    if (rows.count() == 0) return refused_for_now(why);
    for (int row = 0; row < rows.count(); ++row) queue_.answer(rows.saga_id(row, 0), NotOwner{});
  });
}

void Appender::leave_out_locked(const Rows& locked, const Refused& why) {
  if (locked.count() == 0) {
    // Nobody any more. Or else, the second time, it is the writer's own row: entering anew ends who blocks
    // it.
    if (!std::exchange(blocked_by_nobody_, true)) return refused_for_now(why);
    renewal_wanted_ = true;
    return;
  }
  for (int row = 0; row < locked.count(); ++row)
    queue_.answer(locked.saga_id(row, 0),
                  LogUnavailable{"another session of the database has locked the saga's row"});
  const auto now = std::chrono::steady_clock::now();
  if (told_of_locks_ && now - *told_of_locks_ < kTellAgain) return;
  told_of_locks_ = now;
  log::warn(
      "lane {}: another session has locked the rows of {} sagas, {} among them: they wait, the others go on",
      name_.lane, locked.count(), to_text(locked.saga_id(0, 0)));
}

// The beat makes segments ahead, so this waits only where a partition grew by a whole segment within a
// second.
void Appender::make_segments() {
  Parameters up_to;
  up_to.add(covered_ + segment_positions_);
  run(statements::kMakeSegments, std::move(up_to), [this](const Rows& rows) { covered_ = rows.int8(0, 0); });
}

// A statement between two batches, that may simply be run again when it fails.
void Appender::run(const Statement& statement, Parameters parameters, std::function<void(const Rows&)> then) {
  state_ = State::Busy;
  connection_->run(statement, std::move(parameters), kAppendPatience,
                   [this, then = std::move(then)](Answer answer) {
                     if (const auto* lost = std::get_if<Lost>(&answer)) return connection_lost(*lost);
                     state_ = State::Idle;
                     if (const auto* why = std::get_if<Refused>(&answer)) return refused_for_now(*why);
                     then(std::get<Rows>(answer));
                     schedule();
                   });
}

std::optional<std::int64_t> Appender::segments_wanted() const {
  const auto wanted = holdings_.highest_position() + 2 * segment_positions_;
  if (!stands() || wanted <= covered_) return std::nullopt;
  return wanted;
}

// --- the database being away
// ----------------------------------------------------------------------------------

void Appender::connection_lost(const Lost& lost) {
  database_is_away(lost.why);
  connect();
}

// Nothing that waits was sent, so it can be told after a while that nothing came of it. The batch in doubt
// does not wait here: its answer is pending until it is definite.
void Appender::database_is_away(const std::string& why) {
  const bool begins = outage_.begin(why);
  if (outage_.is_long()) queue_.refuse_all(outage_.why());
  if (!begins) return;
  if (opened_once_) log::warn("lane {}: {}", name_.lane, outage_.why());
  outage_timer_.expires_after(kLongOutage);
  outage_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && outage_.is_long()) queue_.refuse_all(outage_.why());
  });
}

void Appender::database_is_back() {
  if (outage_.end() && opened_once_) log::info("lane {}: the database is back", name_.lane);
  outage_timer_.cancel();
}

bool Appender::commit_hangs() const {
  return committing_since_ && std::chrono::steady_clock::now() - *committing_since_ > kLongOutage;
}

void Appender::pause(State meanwhile, std::function<void()> then) {
  state_ = meanwhile;
  pause_timer_.expires_after(outage_.next_pause());
  pause_timer_.async_wait(
      [alive = std::weak_ptr(alive_), then = std::move(then)](const boost::system::error_code& error) {
        if (!error && !alive.expired()) then();
      });
}

// --- closing
// --------------------------------------------------------------------------------------------------

void Appender::close(std::function<void()> done) {
  closing_ = std::move(done);
  later([this] {
    if (stands())
      schedule();
    else
      end();
  });
}

void Appender::revoke_and_end() {
  state_ = State::Busy;
  Parameters who;
  who.add(writer_);
  FAILPOINT("revoke-at-close");
  connection_->run(statements::kRevoke, std::move(who), kAppendPatience, [this](Answer) { end(); });
}

void Appender::end() {
  if (connection_) connection_->close();
  state_ = State::Down;
  opened_once_ = in_doubt_ = false;
  take_batch();
  pause_timer_.cancel();
  database_is_back();
  queue_.refuse_all("the log is closed");
  holdings_.lose_all();
  tell_established(unavailable("the log is closed"));
  later(std::exchange(closing_, nullptr));
}

Batch Appender::take_batch() {
  return std::exchange(batch_, {});
}

void Appender::later(std::function<void()> act) {
  asio::post(io_, [alive = std::weak_ptr(alive_), act = std::move(act)] {
    if (!alive.expired()) act();
  });
}

}  // namespace skald::store
