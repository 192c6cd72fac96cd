// Witness: sees every commit of every lane in the order in which they took effect, which no lane and no
// reader can. It folds each saga from what was really written, and holds that against the live state of
// whoever wrote it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/evolve.hpp"
#include "eventstore/memory.hpp"
#include "sagas/catalog.hpp"
#include "tests/simulation/surroundings.hpp"

namespace skald::simulation {

struct SeenSaga {
  std::shared_ptr<const core::Definition> definition;
  std::vector<core::Event> events;
  core::State folded;  // of the events as they were read back from the log
  // By the number of the commit, among all commits of the run.
  std::size_t begun = 0, ended = 0;
  std::map<std::string, std::size_t> asked;  // when each idempotency key was first asked for
};

class Between;

class Witness {
 public:
  Witness(Surroundings& surroundings, const store::MemoryStore& store, const sagas::Catalog& catalog);
  ~Witness();

  // Called in the very turn in which it was committed.
  void committed(const store::LaneName& by, const store::Append& append, Position last);
  // What a lane believes of a saga, at any time.
  void compare(const core::State& live);

  const std::map<SagaId, SeenSaga>& sagas() const { return sagas_; }
  const SeenSaga* find(SagaId saga) const;
  // Whether the log says already that this operation of the step was begun.
  bool was_requested(SagaId saga, const std::string& step, core::Operation operation) const;
  // When the attempt after this one may be made, where the log says so.
  std::optional<Timestamp> retry_at(SagaId saga, const std::string& step, core::Operation operation,
                                    std::uint32_t failed_attempt) const;
  // Whether the log says that this attempt is over, otherwise than by success.
  bool has_failed(SagaId saga, const std::string& step, core::Operation operation,
                  std::uint32_t attempt) const;
  // A person has been asked to say what became of that step, or of its undo: the log does not always tell.
  void decided_by_hand(SagaId saga, const std::string& step) { by_hand_.insert({saga, step}); }
  bool is_decided_by_hand(SagaId saga, const std::string& step) const {
    return by_hand_.contains({saga, step});
  }
  const Between& between() const { return *between_; }
  std::size_t commits() const { return commits_; }
  std::size_t events() const { return events_; }
  std::size_t comparisons() const { return comparisons_; }

 private:
  void check_writer(const store::LaneName& by, const store::StoredEvent& event);
  void note_order(SeenSaga& saga, const core::Event& event) const;

  Surroundings& surroundings_;
  const store::MemoryStore& store_;
  const sagas::Catalog& catalog_;
  std::map<SagaId, SeenSaga> sagas_;
  std::map<Partition, std::int32_t> last_writer_;
  std::set<std::int32_t> ended_writers_;
  std::set<std::pair<SagaId, std::string>> by_hand_;
  std::unique_ptr<const Between> between_;
  std::size_t commits_ = 0, events_ = 0, comparisons_ = 0;
};

}  // namespace skald::simulation
