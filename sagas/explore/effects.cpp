#include "sagas/explore/effects.hpp"

#include <algorithm>

#include "engine/core/path.hpp"

namespace skald::sagas {

bool has_effect(const core::Step& step) {
  const auto* action = std::get_if<core::Action>(&step.kind);
  if (!action) return false;
  const auto* http = std::get_if<core::HttpAction>(action);
  return !http || (http->method != core::HttpMethod::Get && http->method != core::HttpMethod::Head);
}

bool declares_undo(const core::Step& step) {
  if (step.keeps_effect) return false;
  const auto* action = std::get_if<core::Action>(&step.kind);
  return step.undo.has_value() || (action && std::holds_alternative<core::SagaAction>(*action));
}

std::vector<core::StepPath> standing(const core::Definition& definition, const core::State& state) {
  std::vector<core::StepPath> paths;
  for (const auto& [path, step] : state.steps) {
    const core::Step* declared = definition.find_step(core::id_of(path));
    const bool matters = declared && (has_effect(*declared) || declares_undo(*declared));
    if (matters && step.done_or_possibly_done() && step.backward != core::Backward::Undone)
      paths.push_back(path);
  }
  return paths;
}

std::string told_effect(const core::State& state, const core::StepPath& path) {
  const core::StepState& step = *state.find_step(path);
  const core::RequestSummary& request = step.request;
  std::string what = step.kind;
  if (!request.method.empty()) what = request.method + ' ' + request.service + request.path;
  if (!request.queue.empty()) what = "task " + request.queue;
  if (!request.definition.empty()) what = "saga " + request.definition;
  if (step.kind == "emit") what = "event " + request.event;
  return path + " (" + what + (step.forward == core::Forward::Succeeded ? ")" : ", possibly done)");
}

bool reads_absent(const core::Definition& definition, const core::State& state, const core::StepPath& reader,
                  const std::vector<core::Reference>& reads) {
  return std::any_of(reads.begin(), reads.end(), [&](const core::Reference& read) {
    if (read.size() < 2 || read[0] != "steps") return false;
    const core::Step* step = definition.find_step(read[1]);
    const auto path = step ? core::path_seen_from(definition, *step, reader) : std::nullopt;
    const core::StepState* known = path ? state.find_step(*path) : nullptr;
    return !known || known->output.is_null();
  });
}

}  // namespace skald::sagas
