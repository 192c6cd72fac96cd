// The log in memory: MemoryStore is the database that several lanes share, MemoryLog one lane's handle to it.
// Held to the same contract suite as the log on PostgreSQL. For the simulator and for unit tests of the
// shell: no thread, no clock and no loop of its own, so all lanes of one store live on one thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eventstore/lane.hpp"
#include "eventstore/log.hpp"

namespace skald::store {

// Runs a function later, on the same thread, never inside the call.
using Post = std::function<void(std::function<void()>)>;
using Clock = std::function<Timestamp()>;

class MemoryStore {
 public:
  explicit MemoryStore(Clock clock, std::uint16_t partition_count = 64);

  Timestamp now() const { return clock_(); }
  std::uint16_t partition_count() const { return partition_count_; }

  // The protocol of writers (semantics.md section 6): what skald.enter, beat, take_over and revoke are in
  // SQL.
  std::int32_t new_incarnation() { return ++incarnations_; }
  std::int32_t enter(const LaneName& name, std::int32_t incarnation);
  bool stands(std::int32_t writer) const;
  void beat(std::int32_t writer);
  void take_over(std::int32_t writer, const LaneName& name);
  void revoke(std::int32_t writer);
  std::set<Partition> partitions_of(std::int32_t writer) const;
  // As if no lane of this node had beaten for a minute; for tests and the simulator.
  void make_silent(const std::string& node);

  // One decision, whole or not at all. The caller has asked stands() in the same turn: that is the fence.
  AppendResult commit(std::int32_t writer, const Append& append);

  std::vector<StoredEvent> read_saga(SagaId saga, std::int32_t after, std::size_t limit) const;
  std::vector<StoredEvent> read_partition(Partition partition, std::int64_t after, std::size_t limit) const;
  std::int64_t end_of(Partition partition) const;  // position of its last event; 0: it has none
  std::optional<SagaRow> find_saga(SagaId saga) const;
  std::vector<SagaRow> list_sagas(const SagaFilter& filter) const;
  std::optional<StartKeyTaken> find_start_key(const std::string& definition, const std::string& key) const;
  std::vector<SagaId> list_running(const std::vector<Partition>& partitions, std::optional<SagaId> after,
                                   std::size_t limit) const;
  std::vector<SagaId> list_due(std::int32_t writer, Timestamp now, std::size_t limit) const;
  DefinitionRow put_definition(DefinitionRow definition);
  std::vector<DefinitionRow> list_definitions() const { return definitions_; }

 private:
  struct Writer {
    LaneName name;
    std::int32_t incarnation = 0;  // the running lane that registered it
    bool revoked = false;
    Timestamp beaten_at;
  };
  struct Saga {
    SagaRow row;
    std::vector<std::int64_t> positions;  // of its events, all in the partition of its id
  };
  void claim(std::int32_t writer, const LaneName& name);
  bool silent(const Writer& writer) const;
  std::optional<StartKeyTaken> taken_by_another(const Append& append) const;
  Committed write(std::int32_t writer, const Append& append);

  Clock clock_;
  std::uint16_t partition_count_;
  std::int32_t incarnations_ = 0;
  std::vector<Writer> writers_;                   // writer n is at n−1
  std::vector<std::int32_t> owner_;               // by partition; 0 = free
  std::vector<std::vector<StoredEvent>> events_;  // by partition; position n is at n−1
  std::map<SagaId, Saga> sagas_;
  std::map<std::pair<std::string, std::string>, StartKeyTaken> start_keys_;
  std::vector<DefinitionRow> definitions_;
};

class MemoryLog : public Log {
 public:
  MemoryLog(MemoryStore& store, LaneName name, Post post);
  ~MemoryLog() override;

  std::uint16_t partition_count() const override { return store_.partition_count(); }
  void open(Done<std::vector<Partition>> done) override;
  void beat(Done<Ownership> done) override;
  void close(std::function<void()> done) override;
  void append(Append append, std::function<void(AppendResult)> done) override;
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 Done<std::vector<StoredEvent>> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      Done<std::vector<StoredEvent>> done) override;
  void find_saga(SagaId saga, Done<std::optional<SagaRow>> done) override;
  void list_sagas(SagaFilter filter, Done<std::vector<SagaRow>> done) override;
  void find_start_key(std::string definition, std::string key,
                      Done<std::optional<StartKeyTaken>> done) override;
  void list_running(std::vector<Partition> partitions, std::optional<SagaId> after, std::size_t limit,
                    Done<std::vector<SagaId>> done) override;
  void list_due(Timestamp now, std::size_t limit, Done<std::vector<SagaId>> done) override;
  void put_definition(DefinitionRow definition, Done<DefinitionRow> done) override;
  void list_definitions(std::size_t known, Done<std::vector<DefinitionRow>> done) override;
  Timestamp now() const override { return store_.now(); }
  bool healthy() const override { return true; }

 private:
  struct Pending {
    Append append;
    std::function<void(AppendResult)> done;
  };
  // Posts `act`, which is dropped when this log is gone by then.
  void later(std::function<void()> act);
  void commit_gathered();
  void refuse_gathered(const std::vector<Partition>& lost);
  AppendResult commit_one(const Append& append);

  MemoryStore& store_;
  LaneName name_;
  Post post_;
  std::shared_ptr<const bool> alive_;  // what is posted may outlive this log, and finds out by a weak pointer
  std::int32_t incarnation_;
  std::int32_t writer_ = 0;        // 0 = not open
  std::set<Partition> announced_;  // what the owner of this log was told it has
  std::vector<Pending> gathered_;
};

}  // namespace skald::store
