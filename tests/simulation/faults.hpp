// Faults: every kind of trouble the simulator makes, counted where it takes effect, not where it is planned.
// A campaign in which some kind never hit has proved nothing about it and is refused.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace skald::simulation {

enum class Fault {
  NodeKilled,
  NodeFrozen,
  ZombieWasFenced,
  WriterRevoked,
  PartitionTakenOver,
  ClockJumped,
  DatabaseAway,
  CommitAnsweredLate,
  CommitAnswerLost,
  AppendDoneAgain,
  RequestNotSent,
  RequestLost,
  RequestDelayed,
  AnswerLost,
  AnswerTooLate,
  EffectThenError,
  EffectThenGarbage,
  Redirected,
  ActionRefused,
  ToldToRetryLater,
  WorkAccepted,
  AcceptedWorkLost,
  AcceptedWorkRefused,
  UndoRefused,
  UndoBeforeAction,
  ActionAfterUndo,
  StartRepeated,
  CancelSent,
  MessageLost,
  MessageAnswerLost,
  CircuitClosedToCalls,
  WorkerDied,
  WorkerDiedAfterWork,
  WorkerRefused,
  WorkerGaveBack,
  WorkerTooLate,
  WorkerBeat,
  OperatorPaused,
  OperatorRetried,
  OperatorSkipped,
  OperatorUndid,
  OperatorTerminated,
  SignalSent,
  EventSent,
  ViewBatchLost,
  ViewCommitUnknown,
  ViewCommitAnsweredLate,
  ViewCommitUnheard,
  ViewFoldedByAnother,
  ViewReadFailed,
  ViewsNotTold,
  ViewsKilled,
  ViewRebuilt,
  kCount
};

constexpr std::string_view to_text(Fault fault) {
  switch (fault) {
    case Fault::NodeKilled: return "node killed";
    case Fault::NodeFrozen: return "node frozen";
    case Fault::ZombieWasFenced: return "append of a writer that no longer stood";
    case Fault::WriterRevoked: return "living writer revoked";
    case Fault::PartitionTakenOver: return "partition taken over";
    case Fault::ClockJumped: return "database clock jumped";
    case Fault::DatabaseAway: return "database away for a request";
    case Fault::CommitAnsweredLate: return "committed, answered late";
    case Fault::CommitAnswerLost: return "committed, process gone before the answer";
    case Fault::AppendDoneAgain: return "append lost and done again";
    case Fault::RequestNotSent: return "request not sent";
    case Fault::RequestLost: return "request lost on its way";
    case Fault::RequestDelayed: return "request arrives after its timeout";
    case Fault::AnswerLost: return "effect, answer lost";
    case Fault::AnswerTooLate: return "effect, answer after the timeout";
    case Fault::EffectThenError: return "effect, answered 500";
    case Fault::EffectThenGarbage: return "effect, answered garbage";
    case Fault::Redirected: return "answered a redirect";
    case Fault::ActionRefused: return "refused";
    case Fault::ToldToRetryLater: return "429 or 503 with Retry-After";
    case Fault::WorkAccepted: return "202, polled";
    case Fault::AcceptedWorkLost: return "accepted work forgotten";
    case Fault::AcceptedWorkRefused: return "accepted work refused";
    case Fault::UndoRefused: return "undo refused";
    case Fault::UndoBeforeAction: return "undo of what never arrived";
    case Fault::ActionAfterUndo: return "action after its undo";
    case Fault::StartRepeated: return "start repeated with its key";
    case Fault::CancelSent: return "cancel";
    case Fault::MessageLost: return "message to another saga lost";
    case Fault::MessageAnswerLost: return "message to another saga, answer lost";
    case Fault::CircuitClosedToCalls: return "circuit open";
    case Fault::WorkerDied: return "worker died with its lease";
    case Fault::WorkerDiedAfterWork: return "worker died after its work";
    case Fault::WorkerRefused: return "worker refused";
    case Fault::WorkerGaveBack: return "worker failed for now";
    case Fault::WorkerTooLate: return "worker's word after its lease";
    case Fault::WorkerBeat: return "worker's heartbeat";
    case Fault::OperatorPaused: return "paused by an operator";
    case Fault::OperatorRetried: return "retried by an operator";
    case Fault::OperatorSkipped: return "skipped by an operator";
    case Fault::OperatorUndid: return "undone by an operator";
    case Fault::OperatorTerminated: return "terminated by an operator";
    case Fault::SignalSent: return "signal";
    case Fault::EventSent: return "event from outside";
    case Fault::ViewBatchLost: return "batch of views lost";
    case Fault::ViewCommitUnknown: return "batch of views committed, outcome unknown";
    case Fault::ViewCommitAnsweredLate: return "batch of views committed, answered late";
    case Fault::ViewCommitUnheard: return "batch of views committed, process gone before the answer";
    case Fault::ViewFoldedByAnother: return "batch of views that another process had folded";
    case Fault::ViewReadFailed: return "views could not read";
    case Fault::ViewsNotTold: return "views not told of an append";
    case Fault::ViewsKilled: return "views of a process die alone";
    case Fault::ViewRebuilt: return "view built anew";
    case Fault::kCount: break;
  }
  return "";
}

class FaultCounts {
 public:
  static constexpr std::size_t kKinds = static_cast<std::size_t>(Fault::kCount);

  void hit(Fault fault) { ++counts_[static_cast<std::size_t>(fault)]; }
  std::uint64_t of(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }
  std::uint64_t total() const { return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}); }
  void add(const FaultCounts& others) {
    for (std::size_t i = 0; i < kKinds; ++i) counts_[i] += others.counts_[i];
  }

 private:
  std::array<std::uint64_t, kKinds> counts_{};
};

}  // namespace skald::simulation
