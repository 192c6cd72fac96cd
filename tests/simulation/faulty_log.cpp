#include "tests/simulation/faulty_log.hpp"

#include <algorithm>
#include <utility>

namespace skald::simulation {

using namespace std::chrono_literals;

namespace {

// As long as the log on PostgreSQL trusts its last answer.
constexpr Duration kFresh = 2s;

bool is_commit(const std::optional<store::AppendResult>& result) {
  return result && std::holds_alternative<store::Committed>(*result);
}

}  // namespace

FaultyLog::FaultyLog(Surroundings& surroundings, Witness& witness, store::MemoryStore& store,
                     store::LaneName name, store::Post post)
    : surroundings_(surroundings),
      witness_(witness),
      name_(name),
      post_(post),
      inner_(store, std::move(name), std::move(post)) {}

FaultyLog::~FaultyLog() {
  for (const Ticket& waiting : waiting_)
    if (is_commit(waiting->result)) surroundings_.faults.hit(Fault::CommitAnswerLost);
}

void FaultyLog::stay_away(Duration span) {
  away_until_ = std::max(away_until_, surroundings_.now + span);
}

bool FaultyLog::healthy() const {
  return surroundings_.now - last_answer_ < kFresh;
}

bool FaultyLog::is_losing(Partition partition) const {
  return std::find(losing_.begin(), losing_.end(), partition) != losing_.end();
}

bool FaultyLog::is_away() {
  const bool away = surroundings_.faulty && surroundings_.now < away_until_;
  if (away) surroundings_.faults.hit(Fault::DatabaseAway);
  return away;
}

template <class T>
bool FaultyLog::refused(const store::Done<T>& done) {
  if (!is_away()) return false;
  post_([done] { done(unavailable("the simulated database is away")); });
  return true;
}

void FaultyLog::open(store::Done<std::vector<Partition>> done) {
  if (refused(done)) return;
  inner_.open(std::move(done));
}

void FaultyLog::beat(store::Done<store::Ownership> done) {
  if (refused(done)) return;
  inner_.beat([this, done = std::move(done)](Result<store::Ownership> ownership) {
    last_answer_ = surroundings_.now;
    if (ownership) settle_before_loss(ownership->lost);
    losing_.clear();
    done(std::move(ownership));
  });
}

void FaultyLog::append(store::Append append, std::function<void(store::AppendResult)> done) {
  auto waiting = std::make_shared<Waiting>(Waiting{std::move(append), std::move(done)});
  waiting_.push_back(waiting);
  if (is_losing(waiting->append.saga.partition())) {
    waiting->result = store::NotOwner{};
    return settle_after(waiting, 0s);
  }
  if (is_away()) {
    waiting->result = store::LogUnavailable{"the simulated database is away"};
    // The log on PostgreSQL lets an append wait for a while before it gives up.
    return settle_after(waiting, surroundings_.chance.between(0s, 500ms));
  }
  Chance& chance = surroundings_.chance;
  if (surroundings_.faulty && chance.one_in(25)) {
    surroundings_.faults.hit(Fault::AppendDoneAgain);
    return settle_after(waiting, chance.between(0s, 3s));
  }
  const bool late = surroundings_.faulty && chance.one_in(12);
  commit(waiting, late ? chance.between(1ms, 3s) : Duration(0));
}

void FaultyLog::commit(Ticket waiting, Duration answer_after) {
  waiting->handed_on = true;
  inner_.append(waiting->append, [this, waiting, answer_after](store::AppendResult result) {
    if (const auto* committed = std::get_if<store::Committed>(&result)) {
      witness_.committed(name_, waiting->append, committed->last);
      if (answer_after > 0s) surroundings_.faults.hit(Fault::CommitAnsweredLate);
    } else if (std::holds_alternative<store::NotOwner>(result)) {
      surroundings_.faults.hit(Fault::ZombieWasFenced);
    }
    waiting->result = std::move(result);
    settle_after(waiting, answer_after);
  });
}

// Always a turn of its own, so that the process may be gone between a commit and its answer.
void FaultyLog::settle_after(Ticket waiting, Duration span) {
  const auto arrive = [this, alive = std::weak_ptr(alive_), waiting] {
    if (!alive.expired()) post_([this, waiting] { settle(waiting); });
  };
  if (span == 0s) return arrive();
  surroundings_.after(span, arrive);
}

void FaultyLog::settle(const Ticket& waiting) {
  const auto found = std::find(waiting_.begin(), waiting_.end(), waiting);
  if (found == waiting_.end()) return;
  if (waiting->result) return deliver(waiting, *waiting->result);
  // Nothing was written: the log tries again by itself.
  commit(waiting, 0s);
}

void FaultyLog::deliver(const Ticket& waiting, const store::AppendResult& result) {
  std::erase(waiting_, waiting);
  last_answer_ = surroundings_.now;
  const SagaId saga = waiting->append.saga;
  waiting->done(result);
  if (std::holds_alternative<store::Committed>(result) && after_commit) after_commit(saga);
}

// Before a lane hears that it has lost a partition, all it has asked of it is answered.
void FaultyLog::settle_before_loss(const std::vector<Partition>& lost) {
  losing_ = lost;
  for (const Ticket& waiting : std::deque<Ticket>(waiting_)) {
    const Partition partition = waiting->append.saga.partition();
    if (!is_losing(partition)) continue;
    if (waiting->result)
      deliver(waiting, *waiting->result);
    else if (!waiting->handed_on)
      deliver(waiting, store::NotOwner{});
  }
}

void FaultyLog::read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                          store::Done<std::vector<store::StoredEvent>> done) {
  if (!refused(done)) inner_.read_saga(saga, after, limit, std::move(done));
}
void FaultyLog::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                               store::Done<std::vector<store::StoredEvent>> done) {
  if (!refused(done)) inner_.read_partition(partition, after, limit, std::move(done));
}
void FaultyLog::find_saga(SagaId saga, store::Done<std::optional<store::SagaRow>> done) {
  if (!refused(done)) inner_.find_saga(saga, std::move(done));
}
void FaultyLog::list_sagas(store::SagaFilter filter, store::Done<std::vector<store::SagaRow>> done) {
  if (!refused(done)) inner_.list_sagas(std::move(filter), std::move(done));
}
void FaultyLog::find_start_key(std::string definition, std::string key,
                               store::Done<std::optional<store::StartKeyTaken>> done) {
  if (!refused(done)) inner_.find_start_key(std::move(definition), std::move(key), std::move(done));
}
void FaultyLog::list_running(std::vector<Partition> partitions, std::optional<SagaId> after,
                             std::size_t limit, store::Done<std::vector<SagaId>> done) {
  if (!refused(done)) inner_.list_running(std::move(partitions), after, limit, std::move(done));
}
void FaultyLog::list_due(Timestamp now, std::size_t limit, store::Done<std::vector<SagaId>> done) {
  if (!refused(done)) inner_.list_due(now, limit, std::move(done));
}

}  // namespace skald::simulation
