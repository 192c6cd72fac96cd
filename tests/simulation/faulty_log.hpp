// FaultyLog: a lane's handle to the log in memory, over a connection that breaks. Commits whose answer comes
// late or never, appends that were lost and are done again, a database that is away: each within the contract
// of store::Log, which says that an answer is definite and that a lane learns of a lost partition only after
// all answers before it.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "eventstore/memory.hpp"
#include "tests/simulation/witness.hpp"

namespace skald::simulation {

class FaultyLog final : public store::Log {
 public:
  FaultyLog(Surroundings& surroundings, Witness& witness, store::MemoryStore& store, store::LaneName name,
            store::Post post);
  ~FaultyLog() override;

  // Until then the database does not answer this lane.
  void stay_away(Duration span);
  // Called after an answer of a commit was delivered.
  std::function<void(SagaId)> after_commit;

  std::uint16_t partition_count() const override { return inner_.partition_count(); }
  void open(store::Done<std::vector<Partition>> done) override;
  void beat(store::Done<store::Ownership> done) override;
  void close(std::function<void()> done) override { inner_.close(std::move(done)); }
  void append(store::Append append, std::function<void(store::AppendResult)> done) override;
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 store::Done<std::vector<store::StoredEvent>> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      store::Done<std::vector<store::StoredEvent>> done) override;
  void find_saga(SagaId saga, store::Done<std::optional<store::SagaRow>> done) override;
  void list_sagas(store::SagaFilter filter, store::Done<std::vector<store::SagaRow>> done) override;
  void find_start_key(std::string definition, std::string key,
                      store::Done<std::optional<store::StartKeyTaken>> done) override;
  void list_running(std::vector<Partition> partitions, std::optional<SagaId> after, std::size_t limit,
                    store::Done<std::vector<SagaId>> done) override;
  void list_due(Timestamp now, std::size_t limit, store::Done<std::vector<SagaId>> done) override;
  void put_definition(store::DefinitionRow definition, store::Done<store::DefinitionRow> done) override {
    inner_.put_definition(std::move(definition), std::move(done));
  }
  void list_definitions(std::size_t known, store::Done<std::vector<store::DefinitionRow>> done) override {
    inner_.list_definitions(known, std::move(done));
  }
  Timestamp now() const override { return surroundings_.database_now(); }
  bool healthy() const override;

 private:
  // An append whose answer the lane does not have yet.
  struct Waiting {
    store::Append append;
    std::function<void(store::AppendResult)> done;
    std::optional<store::AppendResult> result = std::nullopt;
    bool handed_on = false;  // false, and no result: nothing has happened, it will be done again
  };
  using Ticket = std::shared_ptr<Waiting>;

  void commit(Ticket waiting, Duration answer_after);
  void settle_after(Ticket waiting, Duration span);
  void settle(const Ticket& waiting);
  void deliver(const Ticket& waiting, const store::AppendResult& result);
  void settle_before_loss(const std::vector<Partition>& lost);
  bool is_losing(Partition partition) const;
  bool is_away();
  template <class T>
  bool refused(const store::Done<T>& done);

  Surroundings& surroundings_;
  Witness& witness_;
  store::LaneName name_;
  store::Post post_;
  store::MemoryLog inner_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::deque<Ticket> waiting_;
  std::vector<Partition> losing_;  // lost already, and the lane is just about to hear it
  Timestamp away_until_;
  Timestamp last_answer_;
};

}  // namespace skald::simulation
