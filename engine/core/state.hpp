// State: what is known of a saga, folded from its events by evolve() and from nothing else. decide() and
// plan() read it; the API shows it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/persistent_map.hpp"
#include "engine/base/time.hpp"
#include "engine/core/event.hpp"

namespace skald::core {

enum class Forward { Open, Succeeded, Failed, Skipped };
enum class Backward { None, Open, Undone, Failed, Skipped };

// The attempts of one operation of a step.
struct Attempts {
  std::uint32_t failed = 0;  // how many have failed, as far as recorded or noted
  std::optional<Problem> last_error;
  bool last_possibly_done = false;  // whether the attempt that failed last may have had its effect
  Timestamp next_at;                // when the next one (or the next poll) may leave
  std::string location;             // where to poll, once accepted
  Timestamp requested_at;
  bool polling() const { return !location.empty(); }
  std::uint32_t current() const { return failed + 1; }  // the one that is under way, or comes next
  bool operator==(const Attempts&) const = default;
};

// How far a retry or a poll has got between two recorded events. Lost by a crash without harm: the same
// attempt is then made again. Only a live state holds it.
struct Progress {
  StepPath step;
  Operation operation = Operation::Action;
  Attempts attempts;
  bool operator==(const Progress&) const = default;
};

struct StepState {
  std::string kind;  // as its StepRequested says; empty: never requested
  Forward forward = Forward::Open;
  Backward backward = Backward::None;
  bool possibly_done = false;  // some attempt may have had its effect, whatever came later
  Attempts action, undo;
  std::string waiting;             // why it cannot go on by itself; empty: it can
  std::optional<Timestamp> until;  // what it waits for comes then at the latest
  RequestSummary request, undo_request;
  std::int32_t requested_version = 0;  // event number of its StepRequested (or StepSkipped)
  std::int32_t closed_version = 0;     // event number of its outcome; 0 while open
  Json output;
  std::optional<Problem> error;  // why it failed, or why its undo failed
  std::uint32_t attempts = 0;    // of the action, once closed
  std::optional<Timestamp> ended_at;

  bool done_or_possibly_done() const { return forward == Forward::Succeeded || possibly_done; }
  // What is under way, or was last.
  Operation operation() const {
    return backward == Backward::None ? Operation::Action : Operation::Compensate;
  }
  bool operator==(const StepState&) const = default;
};

// An event that was kept for the saga, and that no step has taken yet.
struct KeptEvent {
  EventReceived event;
  Timestamp time;
  bool operator==(const KeptEvent&) const = default;
};

struct UndoAgenda;

// How far an undo has come: compensation.cpp.
struct UndoProgress {
  std::shared_ptr<const UndoAgenda> agenda;  // never changed, so the copies of a state share it
  std::size_t first_requested = 0;           // how far in its two lists
  std::size_t last_closed = 0;
};

// What follows from definition and events and is dear to compute anew. Never compared, and lost by a crash.
struct Memo {
  PersistentMap<StepPath, Json> items;  // of a forEach: its list
  UndoProgress undo;
  bool operator==(const Memo&) const { return true; }
};

enum class Phase {
  NotStarted,
  Forward,
  Compensating,  // also while the answer of an attempt in flight is still awaited
  Stuck,
  Ended
};

struct State {
  // In state.cpp, since every file of the core would compile them again.
  State();
  State(const State&);
  State(State&&) noexcept;
  State& operator=(const State&);
  State& operator=(State&&) noexcept;
  ~State();

  SagaId id;                 // set by whoever begins the fold
  std::int32_t version = 0;  // number of events folded
  Phase phase = Phase::NotStarted;
  std::string definition;  // hash
  std::optional<std::int32_t> definition_version;
  std::string business_key;
  std::optional<std::string> start_key;
  std::string request_hash;
  Json input;
  std::string by;
  std::optional<Parent> parent;
  Json cause;
  PersistentMap<StepPath, StepState>
      steps;                     // those that were requested, skipped, or failed before their request
  PersistentSet<StepPath> open;  // steps with an operation under way, containers apart
  PersistentSet<StepPath> open_containers;
  PersistentMap<StepPath, Progress> noted;      // of open steps: what is known beyond the log; see recorded()
  PersistentMap<std::int32_t, KeptEvent> kept;  // by the event number of their EventReceived
  PersistentSet<std::string> received;          // source and id of every event that had an id
  bool paused = false;
  Timestamp paused_since, stuck_since;  // while it is
  Timestamp started_at, updated_at;
  std::optional<Timestamp> ended_at;

  std::optional<Problem> error;           // the cause of the undo, else of being stuck
  std::int32_t compensation_version = 0;  // event number of the last CompensationStarted; 0 = none
  bool after_completion = false;
  std::string cancelled_by;
  std::optional<SagaStuck> stuck;
  std::optional<SagaEnded> ended;  // the last one; cleared when an undo after completion begins
  Json output;
  Memo memo;

  const StepState* find_step(std::string_view path) const { return steps.find(path); }
  // The attempts of what is under way in that step, with what is noted; the step is known.
  const Attempts& attempts_of(const StepPath& path) const;

  // Nothing new begins: a person has stopped it, or has to decide.
  bool is_held() const { return paused || phase == Phase::Stuck; }
  bool has_completed() const { return phase == Phase::Ended && ended && ended->status == "completed"; }
  // Answers still count, but no further attempt of an action is made.
  bool is_undoing() const { return compensation_version != 0; }

  bool operator==(const State&) const = default;
};

bool is_container(std::string_view kind);  // whose steps are under way instead of itself

// "running", "waiting", "paused", "compensating", "stuck", "completed", "compensated", "cancelled", "failed"
std::string status_of(const State& state);
// "none", "running", "done", "partial", "failed"
std::string undo_of(const State& state);

std::string_view to_text(Forward forward);    // "running", "succeeded", "failed", "skipped"
std::string_view to_text(Backward backward);  // "none", "running", "done", "failed"

}  // namespace skald::core
