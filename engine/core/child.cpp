#include "engine/core/child.hpp"

#include "engine/base/check.hpp"
#include "engine/core/begin.hpp"
#include "engine/core/compensation.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"

namespace skald::core {
namespace {

bool is_under_way(const Story& story, const StepPath& path, Operation operation) {
  return story.state().open.contains(path) && story.state().find_step(path)->operation() == operation;
}

Problem why_it_failed(const ChildEnded& child) {
  Problem error = child.error.value_or(make_problem(problem_type::kRejected, "the child is " + child.status));
  error.step.clear();
  return error;
}

void end_action(Story& story, const ChildEnded& child) {
  if (child.status == "completed") return finish_step(story, child.step, child.output);
  // A child that was terminated, or could not take everything back, may have left something behind.
  const bool possibly_done = child.status == "failed";
  give_up_step(story, child.step, {why_it_failed(child), Reason::Refused, 1, possibly_done});
}

void end_undo_of(Story& story, const ChildEnded& child) {
  const StepState& state = *story.state().find_step(child.step);
  const bool own = state.request.child == child.child;  // the step's child, and not one that its undo started
  const bool done =
      own ? child.status == "cancelled" || child.status == "compensated" : child.status == "completed";
  if (done) return finish_undo(story, child.step, 1, child.output);
  // Past its pivot a child cannot be undone as one: then its step says what is done instead.
  const Step& step = *story.definition().find_step(id_of(child.step));
  if (own && step.undo) return request_declared_undo(story, child.step);
  give_up_undo(story, child.step, 1, why_it_failed(child));
}

void refuse_delivery(Story& story, const EventDelivered& delivery) {
  if (delivery.operation == Operation::Compensate)
    return give_up_undo(story, delivery.step, 1, *delivery.refusal);
  give_up_step(story, delivery.step, {*delivery.refusal, Reason::Refused, 1, false});
}

}  // namespace

void take_end_of_child(Story& story, const ChildEnded& child) {
  if (!is_under_way(story, child.step, child.operation)) return;
  const StepState& state = *story.state().find_step(child.step);
  const auto& awaited = child.operation == Operation::Action ? state.request.child : state.undo_request.child;
  if (awaited != child.child) return;
  child.operation == Operation::Action ? end_action(story, child) : end_undo_of(story, child);
}

void take_delivery(Story& story, const EventDelivered& delivery) {
  if (!is_under_way(story, delivery.step, delivery.operation)) return;
  if (delivery.refusal) return refuse_delivery(story, delivery);
  const Json output = Json::object({{"reached", delivery.reached}});
  if (delivery.operation == Operation::Action) return finish_step(story, delivery.step, output);
  finish_undo(story, delivery.step, 1, output);
}

}  // namespace skald::core
