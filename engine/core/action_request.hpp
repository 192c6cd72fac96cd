// request_of: what an action asks for, forwards or as an undo, as the event that records it tells. decide()
// renders the whole request for it, so that an expression that fails is found before anything leaves.
#pragma once

#include <string>

#include "engine/core/story.hpp"

namespace skald::core {

struct ActionRequest {
  std::string kind;  // "http", "task", "emit", "saga"
  RequestSummary request;
};

// An Error says which part of the request failed, and why.
Result<ActionRequest> request_of(const Story& story, const StepPath& path, Operation operation,
                                 const Action& action);

}  // namespace skald::core
