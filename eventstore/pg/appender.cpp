#include "eventstore/pg/appender.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/base/log.hpp"
#include "engine/base/random.hpp"
#include "eventstore/pg/statements.hpp"
#include "eventstore/storable.hpp"

namespace skald::store {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// A batch takes milliseconds. Without an answer for so long the connection, not the batch, is the trouble.
constexpr Duration kPatience = 10s;
// From here on a request is better answered with 503 than kept waiting for a database that is away.
constexpr Duration kAwayForLong = 1s;
constexpr std::chrono::milliseconds kFirstPause = 20ms, kLongestPause = 1s;
// One append is a few kilobytes: this bounds the queue at some hundred megabytes in the worst case, and at a few
// seconds of work in any.
constexpr std::size_t kMaxQueued = 20'000;
constexpr std::size_t kNoLimit = kMaxQueued;

// Any unique number does; a UUIDv7 also tells when.
SagaId new_incarnation() {
  auto random = Random::from_system();
  return new_saga_id(system_now(), {}, random);
}

bool in_class(const std::string& sqlstate, std::string_view prefix) { return sqlstate.starts_with(prefix); }

bool ends_with_key(const Refused& why, std::string_view table) {
  return why.sqlstate == "23505" && why.constraint.starts_with(table) && why.constraint.ends_with("_pkey");
}

// The server cannot serve this connection (any more), another one may: read-only standby, shutting down.
bool is_about_the_server(const std::string& sqlstate) {
  return sqlstate == "25006" || in_class(sqlstate, "57P") || in_class(sqlstate, "08");
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
      patience_timer_(io),
      alive_(std::make_shared<const bool>(true)),
      limit_(kNoLimit),
      next_pause_(kFirstPause) {}

Appender::~Appender() {
  if (connection_) connection_->close();
}

void Appender::open(Established done) {
  established_.push_back(std::move(done));
  if (state_ == State::Down) connect();
  else if (stands()) later([this] { tell_established(std::nullopt); });
}

void Appender::renew(Established done) {
  established_.push_back(std::move(done));
  if (state_ == State::Idle) enter();
  else if (state_ != State::Entering) renewal_wanted_ = true;
}

void Appender::close(std::function<void()> done) {
  closing_ = std::move(done);
  later([this] {
    if (stands()) schedule();
    else finish_closing();
  });
}

void Appender::append(Append append, std::function<void(AppendResult)> done) {
  std::optional<AppendResult> refusal;
  if (state_ == State::Down || closing_) refusal = NotOwner{};
  else if (is_away_for_long()) refusal = LogUnavailable{why_away_};
  else if (queue_.size() >= kMaxQueued) refusal = LogUnavailable{"too many appends are waiting"};
  if (refusal) {
    asio::post(io_, [done = std::move(done), result = std::move(*refusal)] { done(result); });
    return;
  }
  queue_.push_back({std::move(append), std::move(done)});
  schedule();
}

// --- entering -------------------------------------------------------------------------------------------------

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
  state_ = State::Idle;
  opened_once_ = true;
  back();
  tell_established(std::nullopt);
  schedule();
}

void Appender::settle_doubt(bool committed) {
  log::info("lane {}: the append whose answer was lost {}", name_.lane,
            committed ? "had been committed" : "had not happened");
  if (!committed) return put_back();
  for (const auto& [partition, tail] : batch_.tails()) holdings_.advance(partition, tail);
  no_longer_suspect(batch_.size());
  later([batch = std::make_shared<Batch>(std::exchange(batch_, {}))] { batch->committed(); });
}

void Appender::entering_failed(Error error) {
  away(error.message);
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

// --- appending ------------------------------------------------------------------------------------------------

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
    if (closing_) finish_closing();
    return;
  }
  batch_ = gather();
  if (batch_.empty()) return schedule();
  auto parameters = batch_.place(writer_, holdings_);
  const bool beyond = std::any_of(batch_.tails().begin(), batch_.tails().end(),
                                  [&](const auto& tail) { return tail.second.position >= covered_; });
  if (beyond) {
    put_back();
    return make_segments();
  }
  state_ = State::Busy;
  connection_->run(statements::kAppend, std::move(parameters), kPatience,
                   [this](Answer answer) { on_answer(std::move(answer)); });
}

Batch Appender::gather() {
  Batch batch;
  while (!queue_.empty() && !batch.is_full() && batch.size() < limit_) {
    const auto& next = queue_.front().append;
    if (!holdings_.may_append(next.saga.partition())) {
      answer_saga(next.saga, NotOwner{});
    } else if (auto why = why_unstorable(next)) {
      answer_saga(next.saga, Unstorable{*why});
    } else {
      batch.add(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  return batch;
}

void Appender::on_answer(Answer answer) {
  if (auto* lost = std::get_if<Lost>(&answer)) {
    in_doubt_ = true;
    away(lost->why);
    return connect();
  }
  state_ = State::Idle;
  if (auto* why = std::get_if<Refused>(&answer)) return refused(*why);
  const auto& rows = std::get<Rows>(answer);
  const auto appended = rows.int8(0, 0);
  if (appended == 0) {
    log::warn("lane {}: writer {} was revoked or the server is another one; entering anew", name_.lane, writer_);
    put_back();
    return enter();
  }
  CHECK_THAT(appended == static_cast<std::int64_t>(batch_.events()), "a batch is appended whole or not at all");
  committed(rows);
}

void Appender::committed(const Rows& rows) {
  clock_.observe(rows.time(0, 1));
  for (const auto& [partition, tail] : batch_.tails()) holdings_.advance(partition, tail);
  tail_was_taken_ = false;
  back();
  no_longer_suspect(batch_.size());
  const auto batch = std::exchange(batch_, {});
  schedule();
  batch.committed();
}

// Nothing was written. Whose fault it is decides what to do.
void Appender::refused(const Refused& why) {
  if (ends_with_key(why, "start_key")) return look_up_start_keys();
  if (ends_with_key(why, "event_") && !std::exchange(tail_was_taken_, true)) {
    log::error("lane {}: a position of the log was taken already ({}); reading the tails anew", name_.lane, why.message);
    put_back();
    return enter();
  }
  if (in_class(why.sqlstate, "22") || in_class(why.sqlstate, "23") || in_class(why.sqlstate, "54")) return halve(why);
  put_back();
  refused_for_now(why);
}

void Appender::refused_for_now(const Refused& why) {
  away(why.message + " (" + why.sqlstate + ")");
  if (is_about_the_server(why.sqlstate)) return pause(State::Entering, [this] { connect(); });
  pause(State::Pausing, [this] {
    state_ = State::Idle;
    schedule();
  });
}

void Appender::look_up_start_keys() {
  ArrayParameter definitions(pgtype::kText), keys(pgtype::kText);
  for (const auto& member : batch_.members()) {
    if (!member.append.start || !member.append.start->start_key) continue;
    definitions.add(std::string_view(member.append.start->definition));
    keys.add(std::string_view(*member.append.start->start_key));
  }
  Parameters asked;
  asked.add(std::move(definitions)).add(std::move(keys));
  put_back();
  state_ = State::Busy;
  connection_->run(statements::kFindStartKeys, std::move(asked), kPatience, [this](Answer answer) {
    state_ = State::Idle;
    if (auto* lost = std::get_if<Lost>(&answer)) {
      away(lost->why);
      return connect();
    }
    if (auto* why = std::get_if<Refused>(&answer)) return refused_for_now(*why);
    const auto& rows = std::get<Rows>(answer);
    for (int row = 0; row < rows.count(); ++row) {
      answer_start_key(rows.text(row, 0), rows.text(row, 1), {rows.saga_id(row, 2), rows.hash(row, 3)});
    }
    schedule();
  });
}

void Appender::answer_start_key(const std::string& definition, const std::string& key, const StartKeyTaken& taken) {
  std::vector<SagaId> late;
  for (const auto& pending : queue_) {
    const auto& start = pending.append.start;
    if (start && start->definition == definition && start->start_key == key) late.push_back(pending.append.saga);
  }
  for (const auto saga : late) answer_saga(saga, taken);
}

// One saga's bytes are refused for good and take the batch with them: each half is tried, until it stands alone.
void Appender::halve(const Refused& why) {
  const auto size = batch_.size();
  const auto first = batch_.members().front().append.saga;
  put_back();
  if (size == 1) {
    log::error("saga {}: the database refuses its events: {} ({})", to_text(first), why.message, why.sqlstate);
    answer_saga(first, Unstorable{why.message + " (" + why.sqlstate + ")"});
    no_longer_suspect(1);
  } else {
    suspects_ = std::max(suspects_, size);
    limit_ = size / 2;
  }
  schedule();
}

void Appender::no_longer_suspect(std::size_t count) {
  suspects_ -= std::min(suspects_, count);
  if (suspects_ == 0) limit_ = kNoLimit;
}

void Appender::put_back() {
  auto members = std::exchange(batch_, {}).take();
  queue_.insert(queue_.begin(), std::make_move_iterator(members.begin()), std::make_move_iterator(members.end()));
}

// What a saga appended after an append that failed was decided on events that do not exist.
void Appender::answer_saga(const SagaId saga, const AppendResult& result) {
  const auto of_saga = [&](const PendingAppend& pending) { return pending.append.saga == saga; };
  for (const auto& pending : queue_) {
    if (of_saga(pending)) later([done = pending.done, result] { done(result); });
  }
  std::erase_if(queue_, of_saga);
}

// The beat makes segments ahead, so this waits only where a partition grew by a whole segment within a second.
void Appender::make_segments() {
  state_ = State::Busy;
  Parameters up_to;
  up_to.add(covered_ + segment_positions_);
  connection_->run(statements::kMakeSegments, std::move(up_to), kPatience, [this](Answer answer) {
    state_ = State::Idle;
    if (auto* lost = std::get_if<Lost>(&answer)) {
      away(lost->why);
      return connect();
    }
    if (auto* why = std::get_if<Refused>(&answer)) return refused_for_now(*why);
    covered_ = std::get<Rows>(answer).int8(0, 0);
    schedule();
  });
}

std::optional<std::int64_t> Appender::segments_wanted() const {
  const auto wanted = holdings_.highest_position() + 2 * segment_positions_;
  if (!stands() || wanted <= covered_) return std::nullopt;
  return wanted;
}

// --- the database being away ----------------------------------------------------------------------------------

void Appender::away(const std::string& why) {
  why_away_ = "the database is away: " + why;
  if (away_since_) return;
  away_since_ = std::chrono::steady_clock::now();
  if (opened_once_) log::warn("lane {}: {}", name_.lane, why_away_);
  patience_timer_.expires_after(kAwayForLong);
  patience_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && is_away_for_long()) refuse_queue();
  });
}

void Appender::back() {
  if (away_since_ && opened_once_) log::info("lane {}: the database is back", name_.lane);
  away_since_.reset();
  patience_timer_.cancel();
  next_pause_ = kFirstPause;
}

bool Appender::is_away_for_long() const {
  return away_since_ && std::chrono::steady_clock::now() - *away_since_ >= kAwayForLong;
}

void Appender::pause(State meanwhile, std::function<void()> then) {
  state_ = meanwhile;
  pause_timer_.expires_after(next_pause_);
  next_pause_ = std::min(next_pause_ * 2, kLongestPause);
  pause_timer_.async_wait([alive = std::weak_ptr(alive_), then = std::move(then)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) then();
  });
}

// Nothing of the queue was sent, so the answer is definite. The batch in doubt is not in the queue.
void Appender::refuse_queue() {
  const auto refused = std::exchange(queue_, {});
  for (const auto& pending : refused) later([this, done = pending.done] { done(LogUnavailable{why_away_}); });
}

void Appender::finish_closing() {
  const auto end = [this] {
    if (connection_) connection_->close();
    state_ = State::Down;
    opened_once_ = false;
    in_doubt_ = false;
    batch_ = {};
    pause_timer_.cancel();
    patience_timer_.cancel();
    refuse_queue();
    holdings_.lose_all();
    if (auto done = std::exchange(closing_, nullptr)) later(std::move(done));
  };
  if (state_ != State::Idle) return end();
  state_ = State::Busy;
  Parameters who;
  who.add(writer_);
  connection_->run(statements::kRevoke, std::move(who), kPatience, [end](Answer) { end(); });
}

void Appender::later(std::function<void()> act) {
  asio::post(io_, [alive = std::weak_ptr(alive_), act = std::move(act)] {
    if (!alive.expired()) act();
  });
}

}  // namespace skald::store
