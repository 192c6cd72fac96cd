#include "engine/core/begin.hpp"

#include "engine/base/check.hpp"
#include "engine/core/action_request.hpp"
#include "engine/core/deadline.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"
#include "engine/core/scope.hpp"
#include "engine/core/sequence.hpp"
#include "engine/core/waiting.hpp"

namespace skald::core {
namespace {

// The word of each kind, and what its request tells.
struct Requesting {
  Story& story;
  const StepPath& path;

  Result<StepRequested> operator()(const Action& action) const {
    auto asked = request_of(story, path, Operation::Action, action);
    if (!asked) return asked.error();
    return StepRequested{path, std::move(asked->kind), std::move(asked->request)};
  }
  Result<StepRequested> operator()(const WaitFor& wait) const {
    RequestSummary request;
    request.event = wait.event;
    return StepRequested{path, "waitFor", std::move(request)};
  }
  Result<StepRequested> operator()(const ForEach&) const {
    const auto items = items_of(story.definition(), story.state(), path);
    if (!items) return items.error();
    story.remember_items(path, *items);
    RequestSummary request;
    request.items = static_cast<std::uint32_t>(items->as_array().size());
    return StepRequested{path, "forEach", std::move(request)};
  }
  Result<StepRequested> operator()(const Wait&) const { return StepRequested{path, "wait", {}}; }
  Result<StepRequested> operator()(const SetValues&) const { return StepRequested{path, "set", {}}; }
  Result<StepRequested> operator()(const Fail&) const { return StepRequested{path, "fail", {}}; }
  Result<StepRequested> operator()(const Switch&) const { return StepRequested{path, "switch", {}}; }
  Result<StepRequested> operator()(const Parallel&) const { return StepRequested{path, "parallel", {}}; }
};

// A text that a business refusal is told in.
std::string words(const Template& declared, const Story& story, const StepPath& path) {
  const auto value = evaluate(declared, story.definition(), story.state(), path);
  if (!value) return value.error().message;
  if (value->is_null()) return {};
  return value->is_string() ? value->as_string() : value->dump();
}

// What happens as soon as the step is requested.
struct Entering {
  Story& story;
  const StepPath& path;

  void operator()(const Action& action) const { std::visit(*this, action); }
  void operator()(const HttpAction&) const {}
  void operator()(const TaskAction&) const { wait_for(story, path, "task"); }
  void operator()(const EmitAction&) const {}
  void operator()(const SagaAction&) const { wait_for(story, path, "child"); }
  void operator()(const WaitFor& wait) const { begin_wait(story, path, wait); }
  void operator()(const Wait& wait) const { begin_wait(story, path, wait); }
  void operator()(const SetValues& set) const {
    auto values = evaluate(set.values, story.definition(), story.state(), path);
    if (!values) return give_up_unasked(story, path, values.error());
    finish_step(story, path, std::move(*values));
  }
  void operator()(const Fail& fail) const {
    Problem error = make_problem(problem_type::kFail, words(fail.detail, story, path));
    if (std::string type = words(fail.type, story, path); !type.empty()) error.type = std::move(type);
    if (std::string title = words(fail.title, story, path); !title.empty()) error.title = std::move(title);
    error.status = 422;  // as a service would have refused
    give_up_step(story, path, {std::move(error), Reason::Refused, 1, false});
  }
  void operator()(const Switch& choice) const { enter(story, path, choice); }
  void operator()(const Parallel& parallel) const { enter(story, path, parallel); }
  void operator()(const ForEach& loop) const { enter(story, path, loop); }
};

void request(Story& story, const StepPath& path, const Step& step) {
  auto requested = std::visit(Requesting{story, path}, step.kind);
  if (!requested) return give_up_unasked(story, path, requested.error());
  story.add(std::move(*requested));
  std::visit(Entering{story, path}, step.kind);
}

Result<Json> declared_output(const Story& story, const StepPath& path, const Template& declared, Json output,
                             const Ending& ending) {
  if (!ending.root_value) return evaluate(declared, story.definition(), story.state(), path);
  return evaluate(declared, story.definition(), story.state(), path, ending.root,
                  ending.root_value(std::move(output)));
}

}  // namespace

void begin(Story& story, const StepPath& path, const Step& step) {
  if (is_deadline_over(story)) return pass_deadline(story);
  if (!step.condition) return request(story, path, step);
  const auto condition = evaluate(*step.condition, story.definition(), story.state(), path);
  if (!condition) return give_up_unasked(story, path, invalid("if: " + condition.error().message));
  if (is_true(*condition)) return request(story, path, step);
  story.add(StepSkipped{path, "if", Json(), ""});
}

void begin_again(Story& story, const StepPath& path, const Step& step) {
  const StepState* known = story.state().find_step(path);
  CHECK_THAT(known != nullptr, "what is tried again has begun once");
  if (known->kind.empty()) return begin(story, path, step);
  // What is requested anew must still be possible to write.
  if (auto requested = std::visit(Requesting{story, path}, step.kind); !requested)
    return give_up_unasked(story, path, requested.error());
  std::visit(Entering{story, path}, step.kind);
}

void finish_step(Story& story, const StepPath& path, Json output, const Ending& ending) {
  const Step* step = story.definition().find_step(id_of(path));
  CHECK_THAT(step != nullptr, "a step that ends is one of its definition");
  if (step->output) {
    auto declared = declared_output(story, path, *step->output, std::move(output), ending);
    if (!declared)
      return give_up_step(story, path,
                          {make_problem(problem_type::kExpression, "output: " + declared.error().message),
                           Reason::Unusable, ending.attempts, true});
    output = std::move(*declared);
  }
  story.add(StepSucceeded{path, ending.attempts, std::move(output), ending.takes});
}

}  // namespace skald::core
