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

// The kinds of steps. `task`, `waitFor`, … join this list.
using StepKind = std::variant<HttpAction>;

struct Undo {
  HttpAction action;
  Effort effort;
};

struct Step {
  std::string id;
  std::string title;
  std::optional<Template> condition;  // `if`
  StepKind kind;
  Effort effort;
  std::optional<Template> output;  // over .response
  std::optional<Undo> undo;        // none: `compensate: none`, or nothing declared
  bool pivot = false;
  bool optional = false;
};

enum class CancelUntil { Pivot, End, Forever, Never };
enum class UndoOrder { Reverse, Parallel };
enum class OnUndoFailure { Stuck, Continue };

struct Definition {
  std::string name;
  std::int32_t version = 0;  // given by the server, per name
  std::string hash;          // hex, of the canonical form
  std::string title;
  std::string description;
  std::optional<Template> business_key;     // over .input
  Json input_schema;                        // JSON Schema, or null
  std::optional<Duration> timeout;          // of the whole saga
  std::optional<std::size_t> answer_after;  // index into steps
  CancelUntil cancel_until = CancelUntil::End;
  UndoOrder undo_order = UndoOrder::Reverse;
  OnUndoFailure on_undo_failure = OnUndoFailure::Stuck;
  std::vector<Step> steps;
  std::optional<Template> output;

  // The step of that id, or nullptr. Ids are unique in a definition.
  const Step* find_step(std::string_view id) const;
  std::optional<std::size_t> pivot() const;  // index of the pivot, if there is one
};

std::string_view to_text(HttpMethod method);  // "POST"

}  // namespace skald::core
