#include "eventstore/pg/append_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "eventstore/storable.hpp"

namespace skald::store {

Batch AppendQueue::gather() {
  Batch batch;
  while (!waiting_.empty() && !batch.is_full() && batch.size() < limit_) {
    const auto& next = waiting_.front().append;
    if (auto why = why_unstorable(next)) {
      answer(next.saga, Unstorable{*why});
    } else {
      batch.add(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  return batch;
}

void AppendQueue::put_back(Batch batch) {
  auto all = batch.take();
  waiting_.insert(waiting_.begin(), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
}

std::optional<SagaId> AppendQueue::take_apart(Batch batch, const std::string& why) {
  const auto size = batch.size();
  const auto first = batch.members().front().append.saga;
  put_back(std::move(batch));
  if (size > 1) {
    suspects_ = std::max(suspects_, size);
    limit_ = size / 2;
    return std::nullopt;
  }
  answer(first, Unstorable{why});
  no_longer_suspect(1);
  return first;
}

void AppendQueue::no_longer_suspect(std::size_t count) {
  suspects_ -= std::min(suspects_, count);
  if (suspects_ == 0) limit_ = kMaxQueuedAppends;
}

void AppendQueue::answer(const SagaId saga, const AppendResult& result) {
  const auto of_saga = [&](const PendingAppend& pending) { return pending.append.saga == saga; };
  for (const auto& pending : waiting_) {
    if (of_saga(pending)) later_([done = pending.done, result] { done(result); });
  }
  std::erase_if(waiting_, of_saga);
}

void AppendQueue::answer_start_key(const std::string& definition, const std::string& key,
                                   const StartKeyTaken& taken) {
  std::vector<SagaId> late;
  for (const auto& pending : waiting_) {
    const auto& start = pending.append.start;
    if (start && start->definition == definition && start->start_key == key)
      late.push_back(pending.append.saga);
  }
  for (const auto saga : late) answer(saga, taken);
}

void AppendQueue::refuse_lost(const Holdings& holdings) {
  const auto is_lost = [&](const PendingAppend& pending) {
    return !holdings.may_append(pending.append.saga.partition());
  };
  for (const auto& pending : waiting_) {
    if (is_lost(pending)) later_([done = pending.done] { done(NotOwner{}); });
  }
  std::erase_if(waiting_, is_lost);
}

void AppendQueue::refuse_all(const std::string& why) {
  for (const auto& pending : std::exchange(waiting_, {})) {
    later_([done = pending.done, why] { done(LogUnavailable{why}); });
  }
}

}  // namespace skald::store
