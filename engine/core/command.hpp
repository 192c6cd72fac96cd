// Command: something that is outstanding for a saga and that the shell must do: one per step at most, and one
// for the saga as a whole. They follow from the state (plan.hpp); equal commands are the same one, still
// under way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/core/event.hpp"

namespace skald::core {

// Send the request of this step (render.hpp renders it) and report CallAnswered or CallFailed.
struct CallService {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 1;
  Timestamp not_before;                 // not earlier than this
  std::optional<Duration> timeout;      // of this attempt; none: the service's, else five seconds
  std::optional<Timestamp> give_up_at;  // end of the total timeout: the attempt ends here at the latest
  bool operator==(const CallService&) const = default;
};

// Ask at `location` (an absolute path on the service) whether the accepted work is done; report as a poll.
struct PollLocation {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 1;  // the one that was accepted
  std::string location;
  Timestamp not_before;
  std::optional<Timestamp> give_up_at;
  bool operator==(const PollLocation&) const = default;
};

// An answer to an attempt that was sent is awaited, and nothing more is sent. A shell that awaits none (after
// a crash) reports CallFailed with ConnectionLost at once.
struct AwaitAnswer {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 1;
  bool operator==(const AwaitAnswer&) const = default;
};

// As AwaitAnswer while the saga is paused: an answer counts, and nothing is reported where none is awaited,
// since the attempt is made again later.
struct KeepAwaiting {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 1;
  bool operator==(const KeepAwaiting&) const = default;
};

// Offer the task (render.hpp gives its body) to the workers of the queue, and report TaskDone, TaskRefused,
// or CallFailed with TimedOut when the lease has run out.
struct OfferTask {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 1;
  std::string queue;
  Timestamp not_before;
  std::optional<Duration> timeout;      // from the lease on; none: the lease alone counts
  std::optional<Timestamp> give_up_at;  // end of the total timeout
  bool operator==(const OfferTask&) const = default;
};

// Start that saga, unless it has started, and report ChildEnded when it has ended.
struct RunChild {
  StepPath step;
  Operation operation = Operation::Action;
  SagaId child;
  bool operator==(const RunChild&) const = default;
};

// Ask for that saga to be undone, and report ChildEnded when it has ended, or refuses.
struct UndoChild {
  StepPath step;
  Operation operation = Operation::Action;  // Action: it was still running
  SagaId child;
  bool operator==(const UndoChild&) const = default;
};

// Deliver the event of this step (state and render.hpp give it) and report EventDelivered.
struct DeliverEvent {
  StepPath step;
  Operation operation = Operation::Action;
  bool operator==(const DeliverEvent&) const = default;
};

// Report TimePassed at that time.
struct WakeAt {
  StepPath step;  // empty: the saga as a whole
  Timestamp at;
  bool operator==(const WakeAt&) const = default;
};

using Command = std::variant<CallService, PollLocation, AwaitAnswer, KeepAwaiting, OfferTask, RunChild,
                             UndoChild, DeliverEvent, WakeAt>;

}  // namespace skald::core
