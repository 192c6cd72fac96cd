// Definition: what a saga file declares, checked and compiled. Made by sagas/ from YAML, kept by hash, never
// changed; every other file of the core reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/core/expression/template.hpp"

namespace skald::core {

enum class HttpMethod { Get, Head, Post, Put, Patch, Delete };

struct HttpAction {
  std::string service;
  HttpMethod method = HttpMethod::Post;
  PathTemplate path;
  std::vector<std::pair<std::string, Template>> query;
  std::vector<std::pair<std::string, Template>> headers;  // may read .secrets
  std::optional<Template> body;
};

enum class OnExhausted { Compensate, Stuck };

struct RetryPolicy {
  Duration initial_interval = std::chrono::milliseconds(200);
  double backoff_coefficient = 2;
  Duration maximum_interval = std::chrono::seconds(60);
  std::uint32_t maximum_attempts = 5;             // 0 = without end, 1 = no retry
  double jitter = 0.2;                            // 0 … 1: the wait is spread by ± this share
  std::vector<std::string> non_retryable_errors;  // problem types
  OnExhausted on_exhausted = OnExhausted::Compensate;
};

// How an action is tried: one attempt's patience, all attempts' patience, and when to try again.
struct Effort {
  std::optional<Duration> timeout;  // of one attempt; none: the service's, else five seconds
  std::optional<Duration> total_timeout;
  RetryPolicy retry;  // the defaults of its place are filled in by the loader
};

// Work that a worker pulls.
struct TaskAction {
  std::string queue;
  std::optional<Template> body;
};

// An event to the sagas of a business key, and to definitions that start on it.
struct EmitAction {
  std::string event;
  std::optional<Template> key;  // none: the own business key
  std::optional<Template> data;
};

// A child.
struct SagaAction {
  std::string name;
  std::optional<Template> input;
  std::optional<Template> business_key;  // none: as the child's definition says
};

// What may have an effect outside of the saga, forwards or as an undo.
using Action = std::variant<HttpAction, TaskAction, EmitAction, SagaAction>;

enum class OnTimeout { Fail, Continue };

struct WaitFor {
  std::string event;
  std::optional<Template> where;  // over .event too
  std::optional<Duration> timeout;
  OnTimeout on_timeout = OnTimeout::Fail;
};

// For a while, or until a time; one of the two.
struct Wait {
  Duration duration{0};
  std::optional<Template> until;  // a text of RFC 3339
};

struct SetValues {
  Template values;
};

struct Fail {
  Template type, title, detail;  // those left out are null
};

// Steps are kept in one table, and sequences of them in another: a container names its sequences by index.
using StepIndex = std::size_t;
using BlockIndex = std::size_t;

struct Switch {
  struct Case {
    std::optional<Template> when;  // none: always
    BlockIndex block = 0;
  };
  std::vector<Case> cases;  // the first that fits is taken
};

struct Parallel {
  struct Branch {
    std::string name;
    BlockIndex block = 0;
  };
  std::vector<Branch> branches;
};

struct ForEach {
  Template in;     // a list
  std::string as;  // the name by which expressions see the item
  std::uint32_t max_concurrency = 16;
  BlockIndex block = 0;
};

using StepKind = std::variant<Action, WaitFor, Wait, SetValues, Fail, Switch, Parallel, ForEach>;

struct Undo {
  Action action;
  Effort effort;
};

struct Step {
  std::string id;
  std::string title;
  std::optional<Template> condition;  // `if`
  StepKind kind;
  Effort effort;
  std::optional<Template> output;  // over .response or .event
  // None: `compensate: none`, or nothing declared. A child is undone as a whole; only where that is too late,
  // this is done instead.
  std::optional<Undo> undo;
  bool keeps_effect = false;  // `compensate: none`
  bool pivot = false;
  bool optional = false;
  BlockIndex block = 0;      // the sequence it stands in …
  std::size_t position = 0;  // … and where in it
};

// Steps that run one after the other: the saga's own, a case, a branch, what is done with each item.
struct Block {
  std::optional<StepIndex> owner;  // the container; none: the saga itself
  std::vector<StepIndex> steps;
};

// An incoming event that starts a saga.
struct StartOn {
  std::string event;
  std::optional<Template> where;  // over .event
  std::optional<Template> input;  // over .event; none: its data
};

enum class CancelUntil { Pivot, End, Forever, Never };

// An event to the saga's business key that cancels it.
struct CancelOn {
  std::string event;
  std::optional<Template> where;  // over .event and what else a step sees
  CancelUntil until = CancelUntil::End;
};

enum class UndoOrder { Reverse, Parallel };
enum class OnUndoFailure { Stuck, Continue };

struct Definition {
  std::string name;
  std::int32_t version = 0;  // given by the server, per name
  std::string hash;          // hex, of the canonical form
  std::string title;
  std::string description;
  std::optional<Template> business_key;  // over .input
  Json input_schema;                     // JSON Schema, or null
  std::optional<Duration> timeout;       // of the whole saga
  std::vector<StartOn> start_on;
  std::vector<CancelOn> cancel_on;
  std::optional<StepIndex> answer_after;  // a step of the first block
  CancelUntil cancel_until = CancelUntil::End;
  UndoOrder undo_order = UndoOrder::Reverse;
  OnUndoFailure on_undo_failure = OnUndoFailure::Stuck;
  std::vector<Step> steps;             // all of them, those inside of others too, in the order of the file
  std::vector<Block> blocks{Block{}};  // the first is the saga's own sequence
  std::optional<Template> output;

  // Puts a step at the end of the table and of that block; the step has its id. A container is added before
  // its blocks, and they before their steps.
  StepIndex add(Step step, BlockIndex block = 0);
  // A new empty sequence for that container.
  BlockIndex add_block(StepIndex owner);

  // The step of that id, or nullptr. Ids are unique in a definition.
  const Step* find_step(std::string_view id) const;
  StepIndex index_of(const Step& step) const { return static_cast<StepIndex>(&step - steps.data()); }
  std::optional<StepIndex> pivot() const;  // of the pivot, if there is one
  // Whether a waitFor, or a cancelOn, names the event.
  bool waits_for(std::string_view event) const;
  bool is_cancelled_by(std::string_view event) const;

 private:
  std::vector<StepIndex>::const_iterator first_from(std::string_view id) const;
  std::vector<StepIndex> by_id_;  // sorted by the step's id
};

std::string_view to_text(HttpMethod method);  // "POST"

}  // namespace skald::core
