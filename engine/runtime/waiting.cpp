// Requests that wait until a saga has come far enough: `answerAfter`, `wait`, long polls.
#include "engine/runtime/lane.hpp"

#include "engine/base/failpoint.hpp"

namespace skald::runtime {

void Lane::add_waiter(LiveSaga& saga, Satisfied satisfied, Duration patience, Done<Snapshot> done) {
  Waiter waiter{std::move(satisfied), 0, std::move(done), ++last_ticket_};
  waiter.patience =
      parts_.timers.at(parts_.log.now() + patience, [this, id = saga.id, ticket = waiter.ticket] {
        const auto found = live_.find(id);
        if (found == live_.end()) return;
        FAILPOINT("patience-ended");
        LiveSaga& saga = *found->second;
        answer_waiters(saga, [&](const Waiter& waiter) { return waiter.ticket == ticket; });
        advance(saga);
      });
  saga.waiters.push_back(std::move(waiter));
}

void Lane::answer_waiters(LiveSaga& saga) {
  answer_waiters(saga, [&](const Waiter& waiter) { return waiter.satisfied(*saga.definition, saga.state); });
}

void Lane::answer_waiters(LiveSaga& saga, const std::function<bool(const Waiter&)>& is_due) {
  std::vector<Waiter> due;
  for (std::size_t i = 0; i < saga.waiters.size();) {
    if (is_due(saga.waiters[i])) {
      due.push_back(std::move(saga.waiters[i]));
      saga.waiters.erase(saga.waiters.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  for (Waiter& waiter : due) {
    FAILPOINT("waiter-about-to-be-answered");
    parts_.timers.cancel(waiter.patience);
    waiter.done(saga.snapshot());
  }
}

}  // namespace skald::runtime
