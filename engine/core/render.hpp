// render: the request of a step, from definition and state. decide() renders it once before StepRequested, so
// that a failing expression is found before anything leaves; the shell renders it again whenever it sends.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

struct ServiceRequest {
  std::string service;
  HttpMethod method = HttpMethod::Post;
  std::string path;   // below the service's base path, percent-encoded, begins with '/'
  std::string query;  // without '?', percent-encoded; may be empty
  std::vector<std::pair<std::string, std::string>>
      headers;  // those the definition names; Skald's own join below
  std::optional<Json> body;
};

// An event to the sagas of a business key.
struct EventToSend {
  std::string name;
  std::string key;
  Json data;
};

struct ChildToStart {
  std::string definition;
  Json input;
  std::optional<std::string> business_key;  // none: as the child's definition says
};

// What the step asks for, forwards or as its undo. The step is one of the definition, and of a kind with an
// action.
const Action& action_of(const Definition& definition, const StepPath& step, Operation operation);

// `secrets` is the value of .secrets: an object of texts, or null to leave out the headers that read it, as
// decide() does. An Error says which part of the request failed, and why.
Result<ServiceRequest> render(const HttpAction& action, const Definition& definition, const State& state,
                              const StepPath& step, const Json& secrets);
// The body of a task.
Result<Json> render(const TaskAction& action, const Definition& definition, const State& state,
                    const StepPath& step);
Result<EventToSend> render(const EmitAction& action, const Definition& definition, const State& state,
                           const StepPath& step);
Result<ChildToStart> render(const SagaAction& action, const Definition& definition, const State& state,
                            const StepPath& step);

// A business key of that value; an Error where it cannot be one (semantics.md section 4).
Result<std::string> business_key_text(const Json& value);

// "sagaId:stepPath", of the undo "sagaId:stepPath:undo": the same for every attempt.
std::string idempotency_key(const SagaId& saga, const StepPath& step, Operation operation);

}  // namespace skald::core
