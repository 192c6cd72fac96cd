#include "tests/simulation/random_saga.hpp"

namespace skald::simulation {
namespace {

// Where in the saga a step stands: that decides what the soundness rules let it say.
struct Place {
  std::size_t index;
  bool is_pivot;
  bool behind_pivot;
  bool may_be_undone;
  bool must_succeed;  // answerAfter names it
};

std::string http(Chance& chance, const std::string& path, bool in_undo) {
  std::string body;
  if (chance.one_in(12))
    body = ", body: \"${ .input.number + \\\"text\\\" }\"";  // fails whenever it is rendered
  else if (chance.one_in(2))
    body = ", body: { id: \"${ .saga.id }\", steps: \"${ .steps }\" }";
  else if (in_undo)
    body = ", body: { why: \"${ .error }\" }";
  const char* service = chance.one_in(2) ? "left" : "right";
  return "{ service: " + std::string(service) + ", method: POST, path: \"" + path + "/${ .saga.id }\"" +
         body + " }";
}

std::string intervals(Chance& chance) {
  static const std::vector<std::string> kIntervals = {
      "initialInterval: 100ms, maximumInterval: 2s", "initialInterval: 1s, maximumInterval: 10s",
      "initialInterval: 20s, maximumInterval: 20s, jitter: 0",
      "initialInterval: 80s, maximumInterval: 80s"};  // long enough to be parked
  return kIntervals[chance.one_in(8) ? 3 : chance.below(3)];
}

std::string undo(Chance& chance, std::size_t index) {
  std::string text = "\n    compensate:\n      http: " + http(chance, "/undo" + std::to_string(index), true);
  if (chance.one_in(3)) text += "\n      timeout: 2s";
  const std::string limit = chance.one_in(3) ? ", maximumAttempts: 3" : "";
  return text + "\n      retry: { " + intervals(chance) + limit + " }";
}

std::string effort(Chance& chance, const Place& place, bool optional) {
  std::string text;
  if (chance.one_in(3)) text += "\n    timeout: 2s";
  const bool without_end = place.behind_pivot && !optional;
  if (!without_end && chance.one_in(4)) text += "\n    totalTimeout: 30s";
  std::string retry = intervals(chance);
  if (without_end)
    retry += ", maximumAttempts: 0";
  else if (chance.one_in(2))
    retry += ", maximumAttempts: " + std::to_string(chance.below(4));
  if (chance.one_in(6))
    retry += chance.one_in(2) ? ", nonRetryableErrors: [timeout]" : ", nonRetryableErrors: [unreachable]";
  if (!place.behind_pivot && chance.one_in(8)) retry += ", onExhausted: stuck";
  return text + "\n    retry: { " + retry + " }";
}

std::string step(Chance& chance, const Place& place) {
  const std::string number = std::to_string(place.index);
  std::string text = "\n  - id: s" + number;
  if (chance.one_in(6))
    text += chance.one_in(5) ? "\n    if: \"${ 1 - \\\"a\\\" }\"" : "\n    if: ${ .input.flag }";
  text += "\n    http: " + http(chance, "/do" + number, false);
  const bool optional = !place.is_pivot && !place.must_succeed && chance.one_in(6);
  text += effort(chance, place, optional);
  if (chance.one_in(6))
    text += chance.one_in(3) ? "\n    output: ${ .response.body.id + 1 }"
                             : "\n    output: ${ .response.body.id }";
  if (place.is_pivot) text += "\n    pivot: true";
  if (optional) text += "\n    optional: true";
  if (place.may_be_undone) text += chance.one_in(6) ? "\n    compensate: none" : undo(chance, place.index);
  return text;
}

std::string cancel_until(Chance& chance, bool has_pivot) {
  static const std::vector<std::string> kWords = {"end", "never", "forever", "forever", "pivot"};
  return chance.pick(has_pivot ? kWords : std::vector<std::string>(kWords.begin(), kWords.end() - 1));
}

}  // namespace

std::string random_saga(Chance& chance, const std::string& name) {
  const std::size_t steps = chance.between(std::size_t{1}, 5);
  const std::size_t pivot = chance.one_in(3) ? chance.below(steps) : steps;
  const std::size_t answer_after = chance.one_in(2) ? chance.below(steps) : steps;
  const std::string until = cancel_until(chance, pivot < steps);

  std::string text = "saga: " + name;
  if (chance.one_in(2)) text += "\nbusinessKey: ${ .input.key }";
  if (chance.one_in(3)) text += "\ntimeout: 40s";
  if (answer_after < steps) text += "\nanswerAfter: s" + std::to_string(answer_after);
  text += "\ncancelUntil: " + until;
  text += std::string("\ncompensation: { order: ") + (chance.one_in(3) ? "parallel" : "reverse") +
          ", onFailure: " + (chance.one_in(2) ? "continue" : "stuck") + " }";
  text += "\nsteps:";
  for (std::size_t i = 0; i < steps; ++i) {
    const bool behind = i > pivot;
    const bool may_be_undone = until == "forever" || i < pivot;
    text += step(chance, {i, i == pivot, behind, may_be_undone, i == answer_after});
  }
  if (chance.one_in(10)) text += "\noutput: ${ .steps.s0.output + 1 }";
  return text + "\n";
}

}  // namespace skald::simulation
