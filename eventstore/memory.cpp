#include "eventstore/memory.hpp"

#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/base/json.hpp"
#include "eventstore/storable.hpp"

namespace skald::store {

namespace {

constexpr Duration kSilence = std::chrono::seconds(3);

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool fits(const SagaFilter& filter, const SagaRow& row) {
  return (!filter.definition || row.start.definition == *filter.definition) &&
         (filter.statuses.empty() || contains(filter.statuses, row.status.status)) &&
         (!filter.ended || row.status.ended_at.has_value() == *filter.ended) &&
         (!filter.business_key || row.start.business_key == *filter.business_key) &&
         (!filter.started_after || row.started_at > *filter.started_after) &&
         (!filter.started_before || row.started_at < *filter.started_before) &&
         (!filter.before || row.id < *filter.before);
}

// PostgreSQL refuses what is no JSON; so does the memory.
std::optional<std::string> why_refused(const Append& append) {
  if (auto why = why_unstorable(append)) return why;
  for (const auto& event : append.events) {
    if (auto json = parse_json(event.payload); !json) return json.error().message;
  }
  return std::nullopt;
}

}  // namespace

MemoryStore::MemoryStore(Clock clock, std::uint16_t partition_count)
    : clock_(std::move(clock)),
      partition_count_(partition_count),
      owner_(partition_count, 0),
      events_(partition_count) {}

// A lane that starts ends whatever carried its name before; one that renews its writer only its own.
std::int32_t MemoryStore::enter(const LaneName& name, std::int32_t incarnation) {
  const bool starts = std::none_of(writers_.begin(), writers_.end(),
                                   [&](const Writer& writer) { return writer.incarnation == incarnation; });
  for (auto& writer : writers_) {
    const bool same_name = writer.name.node == name.node && writer.name.lane == name.lane;
    if (writer.incarnation == incarnation || (starts && same_name) || silent(writer)) writer.revoked = true;
  }
  writers_.push_back({name, incarnation, false, now()});
  const auto me = static_cast<std::int32_t>(writers_.size());
  claim(me, name);
  return me;
}

bool MemoryStore::stands(std::int32_t writer) const {
  return writer != 0 && !writers_[static_cast<std::size_t>(writer - 1)].revoked;
}

void MemoryStore::beat(std::int32_t writer) {
  writers_[static_cast<std::size_t>(writer - 1)].beaten_at = now();
}

void MemoryStore::take_over(std::int32_t writer, const LaneName& name) {
  for (auto& other : writers_) {
    if (silent(other)) other.revoked = true;
  }
  claim(writer, name);
}

void MemoryStore::revoke(std::int32_t writer) {
  writers_[static_cast<std::size_t>(writer - 1)].revoked = true;
}

void MemoryStore::claim(std::int32_t writer, const LaneName& name) {
  for (std::size_t p = 0; p < owner_.size(); ++p) {
    const bool mine_to_take = static_cast<std::int32_t>(p) % name.lanes == name.lane;
    if (mine_to_take && !stands(owner_[p])) owner_[p] = writer;
  }
}

void MemoryStore::make_silent(const std::string& node) {
  for (auto& writer : writers_) {
    if (writer.name.node == node) writer.beaten_at = now() - std::chrono::minutes(1);
  }
}

bool MemoryStore::silent(const Writer& writer) const {
  return now() - writer.beaten_at > kSilence;
}

std::set<Partition> MemoryStore::partitions_of(std::int32_t writer) const {
  std::set<Partition> all;
  for (std::size_t p = 0; p < owner_.size(); ++p) {
    if (owner_[p] == writer) all.insert({static_cast<std::uint16_t>(p)});
  }
  return all;
}

std::optional<StartKeyTaken> MemoryStore::taken_by_another(const Append& append) const {
  if (!append.start || !append.start->start_key) return std::nullopt;
  return find_start_key(append.start->definition, *append.start->start_key);
}

AppendResult MemoryStore::commit(std::int32_t writer, const Append& append) {
  if (owner_[append.saga.partition().number] != writer) return NotOwner{};
  if (auto why = why_refused(append)) return Unstorable{*why};
  if (auto taken = taken_by_another(append)) return *taken;
  if (append.start && sagas_.contains(append.saga)) return Unstorable{"this saga has been started before"};
  return write(writer, append);
}

Committed MemoryStore::write(std::int32_t writer, const Append& append) {
  CHECK_THAT(!append.events.empty(), "an append has at least one event");
  auto& log = events_[append.saga.partition().number];
  auto& saga = sagas_[append.saga];
  auto time = log.empty() ? append.events.front().time : log.back().time;
  auto version = append.first_version;
  for (const auto& event : append.events) {
    time = std::max(time, event.time);
    const Position position{append.saga.partition(), static_cast<std::int64_t>(log.size()) + 1};
    log.push_back({append.saga, version++, position, event.type, event.payload, time, writer});
    saga.positions.push_back(position.number);
  }
  if (append.start) {
    saga.row.id = append.saga;
    saga.row.start = *append.start;
    saga.row.started_at = log[static_cast<std::size_t>(saga.positions.front() - 1)].time;
    if (append.start->start_key) {
      start_keys_[{append.start->definition, *append.start->start_key}] = {append.saga,
                                                                           append.start->request_hash};
    }
  }
  if (append.status) {
    saga.row.status = *append.status;
    saga.row.updated_at = time;
  }
  return {log.back().position, time};
}

std::vector<StoredEvent> MemoryStore::read_saga(SagaId saga, std::int32_t after, std::size_t limit) const {
  std::vector<StoredEvent> found;
  const auto at = sagas_.find(saga);
  if (at == sagas_.end()) return found;
  const auto& log = events_[saga.partition().number];
  for (const auto position : at->second.positions) {
    const auto& event = log[static_cast<std::size_t>(position - 1)];
    if (event.version > after && found.size() < limit) found.push_back(event);
  }
  return found;
}

std::vector<StoredEvent> MemoryStore::read_partition(Partition partition, std::int64_t after,
                                                     std::size_t limit) const {
  if (partition.number >= partition_count_) return {};
  const auto& log = events_[partition.number];
  const auto begin = std::min(static_cast<std::size_t>(std::max<std::int64_t>(after, 0)), log.size());
  const auto end = begin + std::min(limit, log.size() - begin);
  return {log.begin() + static_cast<std::ptrdiff_t>(begin), log.begin() + static_cast<std::ptrdiff_t>(end)};
}

std::int64_t MemoryStore::end_of(Partition partition) const {
  return partition.number < partition_count_ ? static_cast<std::int64_t>(events_[partition.number].size())
                                             : 0;
}

std::optional<SagaRow> MemoryStore::find_saga(SagaId saga) const {
  const auto at = sagas_.find(saga);
  if (at == sagas_.end()) return std::nullopt;
  return at->second.row;
}

std::vector<SagaRow> MemoryStore::list_sagas(const SagaFilter& filter) const {
  std::vector<SagaRow> found;
  for (auto at = sagas_.rbegin(); at != sagas_.rend() && found.size() < filter.limit; ++at) {
    if (fits(filter, at->second.row)) found.push_back(at->second.row);
  }
  return found;
}

std::optional<StartKeyTaken> MemoryStore::find_start_key(const std::string& definition,
                                                         const std::string& key) const {
  const auto at = start_keys_.find({definition, key});
  if (at == start_keys_.end()) return std::nullopt;
  return at->second;
}

std::vector<SagaId> MemoryStore::list_running(const std::vector<Partition>& partitions,
                                              std::optional<SagaId> after, std::size_t limit) const {
  const std::set<Partition> asked(partitions.begin(), partitions.end());
  std::vector<SagaId> found;
  for (auto at = after ? sagas_.upper_bound(*after) : sagas_.begin(); at != sagas_.end(); ++at) {
    if (found.size() == limit) break;
    const auto& status = at->second.row.status;
    if (!status.ended_at && !status.due_at && asked.contains(at->first.partition()))
      found.push_back(at->first);
  }
  return found;
}

std::vector<SagaId> MemoryStore::list_due(std::int32_t writer, Timestamp now, std::size_t limit) const {
  std::vector<SagaId> found;
  for (const auto& [id, saga] : sagas_) {
    if (found.size() == limit) break;
    const auto& status = saga.row.status;
    const bool due = !status.ended_at && status.due_at && *status.due_at <= now;
    if (due && owner_[id.partition().number] == writer) found.push_back(id);
  }
  return found;
}

DefinitionRow MemoryStore::put_definition(DefinitionRow definition) {
  const DefinitionRow* newest = nullptr;
  for (const auto& row : definitions_) {
    if (row.name == definition.name) newest = &row;
  }
  if (newest && newest->hash == definition.hash) return *newest;
  definition.version = newest ? newest->version + 1 : 1;
  definition.created_at = now();
  definitions_.push_back(std::move(definition));
  return definitions_.back();
}

MemoryLog::MemoryLog(MemoryStore& store, LaneName name, Post post)
    : store_(store),
      name_(std::move(name)),
      post_(std::move(post)),
      alive_(std::make_shared<const bool>(true)),
      incarnation_(store.new_incarnation()) {}

MemoryLog::~MemoryLog() = default;

void MemoryLog::later(std::function<void()> act) {
  post_([alive = std::weak_ptr(alive_), act = std::move(act)] {
    if (!alive.expired()) act();
  });
}

void MemoryLog::open(Done<std::vector<Partition>> done) {
  later([this, done = std::move(done)] {
    writer_ = store_.enter(name_, incarnation_);
    announced_ = store_.partitions_of(writer_);
    done(std::vector<Partition>(announced_.begin(), announced_.end()));
  });
}

void MemoryLog::beat(Done<Ownership> done) {
  later([this, done = std::move(done)] {
    Ownership change;
    if (!store_.stands(writer_)) {
      // What was ours may have been written by others since: lost, even where it comes back at once.
      change.lost.assign(announced_.begin(), announced_.end());
      announced_.clear();
      writer_ = store_.enter(name_, incarnation_);
    }
    store_.beat(writer_);
    store_.take_over(writer_, name_);
    for (const auto partition : store_.partitions_of(writer_)) {
      if (announced_.insert(partition).second) change.gained.push_back(partition);
    }
    refuse_gathered(change.lost);
    done(std::move(change));
  });
}

void MemoryLog::close(std::function<void()> done) {
  later([this, done = std::move(done)] {
    commit_gathered();
    if (store_.stands(writer_)) store_.revoke(writer_);
    announced_.clear();
    writer_ = 0;
    done();
  });
}

void MemoryLog::append(Append append, std::function<void(AppendResult)> done) {
  gathered_.push_back({std::move(append), std::move(done)});
  if (gathered_.size() == 1) later([this] { commit_gathered(); });
}

void MemoryLog::commit_gathered() {
  const auto batch = std::exchange(gathered_, {});
  std::vector<AppendResult> results;
  std::map<SagaId, AppendResult>
      failed;  // what follows in such a saga was decided on events that do not exist
  for (const auto& pending : batch) {
    const auto before = failed.find(pending.append.saga);
    results.push_back(before != failed.end() ? before->second : commit_one(pending.append));
    if (!std::holds_alternative<Committed>(results.back()))
      failed.emplace(pending.append.saga, results.back());
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(results[i]));
}

// A partition may come back in the same beat that tells of its loss. What was asked of it before that was
// decided on what others may have gone beyond.
void MemoryLog::refuse_gathered(const std::vector<Partition>& lost) {
  std::vector<Pending> refused;
  std::erase_if(gathered_, [&](Pending& pending) {
    const bool is_lost = std::find(lost.begin(), lost.end(), pending.append.saga.partition()) != lost.end();
    if (is_lost) refused.push_back(std::move(pending));
    return is_lost;
  });
  for (const Pending& pending : refused) pending.done(NotOwner{});
}

AppendResult MemoryLog::commit_one(const Append& append) {
  if (!store_.stands(writer_) || !announced_.contains(append.saga.partition())) return NotOwner{};
  return store_.commit(writer_, append);
}

void MemoryLog::read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                          Done<std::vector<StoredEvent>> done) {
  later([=, this] { done(store_.read_saga(saga, after, limit)); });
}

void MemoryLog::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                               Done<std::vector<StoredEvent>> done) {
  later([=, this] { done(store_.read_partition(partition, after, limit)); });
}

void MemoryLog::find_saga(SagaId saga, Done<std::optional<SagaRow>> done) {
  later([=, this] { done(store_.find_saga(saga)); });
}

void MemoryLog::list_sagas(SagaFilter filter, Done<std::vector<SagaRow>> done) {
  later([=, this] { done(store_.list_sagas(filter)); });
}

void MemoryLog::find_start_key(std::string definition, std::string key,
                               Done<std::optional<StartKeyTaken>> done) {
  later([=, this] { done(store_.find_start_key(definition, key)); });
}

void MemoryLog::list_running(std::vector<Partition> partitions, std::optional<SagaId> after,
                             std::size_t limit, Done<std::vector<SagaId>> done) {
  later([=, this] { done(store_.list_running(partitions, after, limit)); });
}

void MemoryLog::list_due(Timestamp now, std::size_t limit, Done<std::vector<SagaId>> done) {
  later([=, this] { done(store_.list_due(writer_, now, limit)); });
}

void MemoryLog::put_definition(DefinitionRow definition, Done<DefinitionRow> done) {
  later([=, this] { done(store_.put_definition(definition)); });
}

void MemoryLog::list_definitions(std::size_t known, Done<std::vector<DefinitionRow>> done) {
  later([=, this] {
    auto all = store_.list_definitions();
    if (all.size() == known) all.clear();
    done(std::move(all));
  });
}

}  // namespace skald::store
