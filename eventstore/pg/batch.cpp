#include "eventstore/pg/batch.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/base/check.hpp"

namespace skald::store {

namespace {

using namespace pgtype;

std::int16_t sql_number(Partition partition) {
  return static_cast<std::int16_t>(partition.number);
}

struct EventColumns {
  ArrayParameter partition{kInt2}, position{kInt8}, saga{kUuid}, version{kInt4}, type{kText},
      time{kTimestamptz}, payload{kJson};

  void add(const Append& append, const NewEvent& event, std::int32_t number, const Position& at,
           Timestamp when) {
    partition.add(sql_number(at.partition));
    position.add(at.number);
    saga.add(append.saga);
    version.add(number);
    type.add(std::string_view(event.type));
    time.add(when);
    payload.add(std::string_view(event.payload));
  }
  void move_to(Parameters& to) {
    for (auto* column : {&partition, &position, &saga, &version, &type, &time, &payload})
      to.add(std::move(*column));
  }
};

// In order of the key: lanes that insert the same keys in different orders would deadlock.
void add_start_keys(Parameters& to, const std::vector<PendingAppend>& members) {
  std::vector<const Append*> with_key;
  for (const auto& member : members) {
    if (member.append.start && member.append.start->start_key) with_key.push_back(&member.append);
  }
  std::sort(with_key.begin(), with_key.end(), [](const Append* a, const Append* b) {
    return std::tie(a->start->definition, *a->start->start_key) <
           std::tie(b->start->definition, *b->start->start_key);
  });
  ArrayParameter definition(kText), key(kText), saga(kUuid), hash(kBytea);
  for (const auto* append : with_key) {
    definition.add(std::string_view(append->start->definition));
    key.add(std::string_view(*append->start->start_key));
    saga.add(append->saga);
    hash.add(std::string_view(reinterpret_cast<const char*>(append->start->request_hash.data()),
                              append->start->request_hash.size()));
  }
  for (auto* column : {&definition, &key, &saga, &hash}) to.add(std::move(*column));
}

// What a batch does to the row of one saga, however many of its appends are in it.
struct RowChange {
  const SagaStart* start = nullptr;
  const SagaStatus* status = nullptr;
  std::int64_t first_position = 0;
  Timestamp started_at, updated_at;
};
using RowChanges = std::map<SagaId, RowChange>;

void add_new_rows(Parameters& to, const RowChanges& changes) {
  ArrayParameter partition(kInt2), saga(kUuid), first(kInt8), definition(kText), version(kInt4), hash(kText),
      business_key(kText), start_key(kText), status(kText), started(kTimestamptz), updated(kTimestamptz),
      due(kTimestamptz), ended(kTimestamptz);
  for (const auto& [id, change] : changes) {
    if (!change.start) continue;
    partition.add(sql_number(id.partition()));
    saga.add(id);
    first.add(change.first_position);
    definition.add(std::string_view(change.start->definition));
    version.add(change.start->definition_version);
    hash.add(std::string_view(change.start->definition_hash));
    business_key.add(std::string_view(change.start->business_key));
    start_key.add(change.start->start_key);
    status.add(std::string_view(change.status->status));
    started.add(change.started_at);
    updated.add(change.updated_at);
    due.add(change.status->due_at);
    ended.add(change.status->ended_at);
  }
  for (auto* column : {&partition, &saga, &first, &definition, &version, &hash, &business_key, &start_key,
                       &status, &started, &updated, &due, &ended}) {
    to.add(std::move(*column));
  }
}

void add_changed_rows(Parameters& to, const RowChanges& changes) {
  ArrayParameter partition(kInt2), saga(kUuid), status(kText), updated(kTimestamptz), due(kTimestamptz),
      ended(kTimestamptz);
  for (const auto& [id, change] : changes) {
    if (change.start || !change.status) continue;
    partition.add(sql_number(id.partition()));
    saga.add(id);
    status.add(std::string_view(change.status->status));
    updated.add(change.updated_at);
    due.add(change.status->due_at);
    ended.add(change.status->ended_at);
  }
  for (auto* column : {&partition, &saga, &status, &updated, &due, &ended}) to.add(std::move(*column));
}

}  // namespace

const Append* Batch::with_same_start_key(const Append& append) const {
  if (!append.start || !append.start->start_key) return nullptr;
  const auto same = std::find_if(members_.begin(), members_.end(), [&](const PendingAppend& member) {
    return member.append.start && member.append.start->start_key == append.start->start_key &&
           member.append.start->definition == append.start->definition;
  });
  return same == members_.end() ? nullptr : &same->append;
}

void Batch::add(PendingAppend pending) {
  CHECK_THAT(!pending.append.events.empty(), "an append has at least one event");
  CHECK_THAT(!pending.append.start || pending.append.status, "a start has a status");
  for (const auto& other : beside_) {
    if (other.pending.append.saga == pending.append.saga) {
      beside_.push_back({std::move(pending), other.taken});
      return;
    }
  }
  if (const auto* first = with_same_start_key(pending.append)) {
    beside_.push_back({std::move(pending), {first->saga, first->start->request_hash}});
    return;
  }
  events_ += pending.append.events.size();
  for (const auto& event : pending.append.events) bytes_ += event.payload.size();
  members_.push_back(std::move(pending));
}

Parameters Batch::place(std::int32_t writer, const Holdings& holdings) {
  writer_ = writer;
  tails_.clear();
  committed_.clear();
  EventColumns columns;
  RowChanges changes;
  for (const auto& [append, done] : members_) {
    const auto partition = append.saga.partition();
    auto& tail = tails_.try_emplace(partition, holdings.tail(partition)).first->second;
    auto& change = changes[append.saga];
    const auto first_position = tail.position + 1;
    auto version = append.first_version;
    for (const auto& event : append.events) {
      tail = {tail.position + 1, std::max(tail.time, event.time)};
      if (version == 1) change.started_at = tail.time;
      columns.add(append, event, version++, {partition, tail.position}, tail.time);
    }
    if (append.start) {
      change.start = &*append.start;
      change.first_position = first_position;
    }
    if (append.status) {
      change.status = &*append.status;
      change.updated_at = tail.time;
    }
    committed_.push_back({{partition, tail.position}, tail.time});
  }
  Parameters parameters;
  parameters.add(writer);
  columns.move_to(parameters);
  add_start_keys(parameters, members_);
  add_new_rows(parameters, changes);
  add_changed_rows(parameters, changes);
  return parameters;
}

Batch::Probe Batch::probe() const {
  const auto& last = members_.back().append;
  return {committed_.back().last, last.saga,
          last.first_version + static_cast<std::int32_t>(last.events.size()) - 1, writer_};
}

void Batch::committed() const {
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i].done(committed_[i]);
  for (const auto& [pending, taken] : beside_) pending.done(taken);
}

std::vector<PendingAppend> Batch::take() {
  auto all = std::exchange(members_, {});
  for (auto& [pending, taken] : beside_) all.push_back(std::move(pending));
  beside_.clear();
  return all;
}

std::vector<SagaId> Batch::changed_sagas() const {
  std::set<SagaId> started, changed;
  for (const auto& member : members_) {
    if (member.append.start) started.insert(member.append.saga);
    if (member.append.status && !started.contains(member.append.saga)) changed.insert(member.append.saga);
  }
  return {changed.begin(), changed.end()};
}

}  // namespace skald::store
