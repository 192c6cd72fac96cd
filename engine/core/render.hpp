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
      headers;                      // those the definition names; Skald's own join below
  std::optional<std::string> body;  // JSON text
};

// `secrets` is the value of .secrets: an object of texts, or null to leave out the headers that read it, as
// decide() does. The step is one of the definition. An Error says which part of the request failed, and why.
Result<ServiceRequest> render(const Definition& definition, const State& state, const StepPath& step,
                              Operation operation, const Json& secrets);

// "sagaId:stepPath", of the undo "sagaId:stepPath:undo": the same for every attempt.
std::string idempotency_key(const SagaId& saga, const StepPath& step, Operation operation);

// What expressions see: .input, .saga, .steps, and .error in an undo.
Json scope(const Definition& definition, const State& state);

}  // namespace skald::core
