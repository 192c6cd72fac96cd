// preview: what would be called if a running saga were undone now. The state is folded from its events, the
// undo is played with services that answer well, and each call is rendered as it would leave. Pure: nothing
// is called. Secrets are not known here, and headers that read them are left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/render.hpp"
#include "engine/core/state.hpp"

namespace skald::sagas {

// Bounds the play; an undo makes a call for each step at most twice.
inline constexpr std::size_t kMostPlayedCalls = 20'000;

struct PreviewCall {
  core::StepPath step;
  std::string kind;  // "http", "task", "emit", "saga"
  std::string idempotency_key;
  std::optional<core::ServiceRequest> request;  // http
  std::string queue;                            // task
  std::string event, key;                       // emit
  std::string child, definition;                // saga: undone, or started
  bool starts_child = false;
  Json body;  // of the task, the event's data, the child's input
};

struct Preview {
  std::string if_what;               // "it were cancelled", "reserve were refused"
  std::string refused;               // why it cannot be; then there is nothing else
  std::vector<std::string> awaited;  // steps whose answer is awaited first, taken for possibly done here
  std::vector<PreviewCall> calls;    // in their order
  std::string ends;                  // the status, "compensated"
  std::vector<std::string> stays;    // effects that would be left
};

// If somebody cancelled it now.
Preview preview_cancel(const core::Definition& definition, const core::State& state, Timestamp now);
// If what is under way failed now. Of a saga that is being undone: what is still to be called.
Preview preview_failure(const core::Definition& definition, const core::State& state, Timestamp now);

std::string preview_text(const Preview& preview);
Json preview_json(const Preview& preview);

}  // namespace skald::sagas
