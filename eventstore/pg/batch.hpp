// Batch: the appends of many sagas that become one statement and one commit. Gives out positions and times,
// merges what concerns one saga's row into one change, sorts start keys, and remembers what to answer.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "eventstore/log.hpp"
#include "eventstore/pg/holdings.hpp"
#include "eventstore/pg/parameters.hpp"

namespace skald::store {

struct PendingAppend {
  Append append;
  std::function<void(AppendResult)> done;
};

// Beyond these a batch gains nothing: the cost per event has long reached its floor, and everyone in it
// waits.
inline constexpr std::size_t kMaxBatchEvents = 2'000;
inline constexpr std::size_t kMaxBatchBytes = 4u << 20;

class Batch {
 public:
  bool empty() const { return members_.empty(); }
  std::size_t size() const { return members_.size(); }
  std::size_t events() const { return events_; }
  bool is_full() const { return events_ >= kMaxBatchEvents || bytes_ >= kMaxBatchBytes; }
  // Joins the batch. A start whose key another start in here takes would make the statement refuse both, so
  // it waits beside the batch, and so does what follows it in its saga: if the batch is committed, the key is
  // taken.
  void add(PendingAppend pending);

  // Places all events behind the tails and builds the parameters of statements::kAppend.
  Parameters place(std::int32_t writer, const Holdings& holdings);
  // Valid after place().
  const std::map<Partition, Tail>& tails() const { return tails_; }
  struct Probe {
    Position position;
    SagaId saga;
    std::int32_t version;
    std::int32_t writer;
  };
  // One event of the batch: it is in the log if and only if all are.
  Probe probe() const;

  // Calls everyone back with where their events are.
  void committed() const;
  // Gives everything back in an order in which it can be tried again.
  std::vector<PendingAppend> take();

  const std::vector<PendingAppend>& members() const { return members_; }
  // Those whose row is there and is changed.
  std::vector<SagaId> changed_sagas() const;

 private:
  const Append* with_same_start_key(const Append& append) const;

  struct Beside {
    PendingAppend pending;
    StartKeyTaken taken;
  };
  std::vector<PendingAppend> members_;
  std::vector<Beside> beside_;
  std::size_t events_ = 0, bytes_ = 0;
  std::int32_t writer_ = 0;
  std::map<Partition, Tail> tails_;   // after this batch, of the partitions it touches
  std::vector<Committed> committed_;  // by member
};

}  // namespace skald::store
