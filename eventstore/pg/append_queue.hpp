// AppendQueue: the appends that wait for the next commit, in order. Forms batches, takes a refused batch
// apart until the one saga the database cannot store stands alone, and answers what need not be sent at all.
// Pure bookkeeping: it knows no connection. Used by Appender.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "eventstore/log.hpp"
#include "eventstore/pg/batch.hpp"
#include "eventstore/pg/holdings.hpp"

namespace skald::store {

// One append is a few kilobytes: this bounds the queue at some hundred megabytes in the worst case, and at a
// few seconds of work in any.
inline constexpr std::size_t kMaxQueuedAppends = 20'000;

class AppendQueue {
 public:
  // Callbacks are handed to `later`, never called from inside.
  explicit AppendQueue(std::function<void(std::function<void()>)> later) : later_(std::move(later)) {}

  bool empty() const { return waiting_.empty(); }
  bool is_full() const { return waiting_.size() >= kMaxQueuedAppends; }
  void push(PendingAppend pending) { waiting_.push_back(std::move(pending)); }

  // The next batch. What no reader could read is answered on the way.
  Batch gather();
  // The batch was not written; its appends are the next ones again.
  void put_back(Batch batch);
  // The batch was written.
  void written(const Batch& batch) { no_longer_suspect(batch.size()); }
  // The database refuses these bytes for good: the batch goes back and comes again in halves, until a single
  // append remains, which is Unstorable. Returns its saga then.
  std::optional<SagaId> take_apart(Batch batch, const std::string& why);

  // Answers everything that waits for this saga: what follows an append that failed was decided on events
  // that do not exist.
  void answer(SagaId saga, const AppendResult& result);
  void answer_start_key(const std::string& definition, const std::string& key, const StartKeyTaken& taken);
  // The lane's partitions have changed. What waits for one that was lost was decided on what others may have
  // gone beyond: it is refused before the lane can learn that the partition came back, and nothing may join
  // it until then.
  void refuse_lost(const Holdings& holdings);
  void refuse_all(const std::string& why);

 private:
  void no_longer_suspect(std::size_t count);

  std::function<void(std::function<void()>)> later_;
  std::deque<PendingAppend> waiting_;
  std::size_t suspects_ = 0;               // so many at the front were in a batch that was refused
  std::size_t limit_ = kMaxQueuedAppends;  // of appends in a batch, while there are suspects
};

}  // namespace skald::store
