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
};

class Witness {
 public:
  Witness(Surroundings& surroundings, const store::MemoryStore& store, const sagas::Catalog& catalog)
      : surroundings_(surroundings), store_(store), catalog_(catalog) {}

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
  std::size_t events() const { return events_; }
  std::size_t comparisons() const { return comparisons_; }

 private:
  void check_writer(const store::LaneName& by, const store::StoredEvent& event);

  Surroundings& surroundings_;
  const store::MemoryStore& store_;
  const sagas::Catalog& catalog_;
  std::map<SagaId, SeenSaga> sagas_;
  std::map<Partition, std::int32_t> last_writer_;
  std::set<std::int32_t> ended_writers_;
  std::size_t events_ = 0, comparisons_ = 0;
};

}  // namespace skald::simulation
