// What a saga asks of other sagas: to run and undo children, to deliver events. Asked again until it is
// answered: whoever is asked twice does it once.
#include <algorithm>

#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "engine/core/path.hpp"
#include "engine/core/render.hpp"
#include "engine/runtime/lane.hpp"

namespace skald::runtime {
namespace {

constexpr Duration kAskAgain = std::chrono::seconds(1);
// Of a receiver that has no room: each time twice as long, for it may stay so until a person sees to it.
constexpr Duration kAskAgainAtMost = std::chrono::seconds(30);

// Nobody has refused for good: it is asked again.
bool is_passing(const Error& error) {
  return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::LimitReached;
}

const core::RequestSummary& request_of(const core::State& state, const core::StepPath& step,
                                       core::Operation operation) {
  const core::StepState& known = *state.find_step(step);
  return operation == core::Operation::Action ? known.request : known.undo_request;
}

core::Problem why_not(const Error& error) {
  return core::make_problem(
      error.kind == ErrorKind::Invalid ? core::problem_type::kInvalidInput : core::problem_type::kRejected,
      error.message);
}

// What became of a child that was asked to run or to be undone.
template <class Asked>
Result<core::Input> told(const Asked& asked, const Result<ChildEnd>& end) {
  if (end)
    return core::ChildEnded{asked.step, asked.operation, asked.child, end->status, end->output, end->error};
  if (is_passing(end.error())) return end.error();
  return core::ChildEnded{asked.step, asked.operation, asked.child, "refused", Json(), why_not(end.error())};
}

Result<core::Input> told(const core::DeliverEvent& asked, const Result<Reached>& reached) {
  if (!reached && is_passing(reached.error())) return reached.error();
  if (!reached) return core::EventDelivered{asked.step, asked.operation, 0, why_not(reached.error())};
  if (!reached->full.empty())
    return limit_reached("the event of step '" + asked.step + "' waits until the saga " +
                         to_text(reached->full.front()) + " has room for it");
  return core::EventDelivered{asked.step, asked.operation, reached->sagas};
}

}  // namespace

// `ask` hands its answer to the function it is given: what the answer means to the saga, or a failure that
// passes, after which it is asked again, as long as the answer is wanted.
void Lane::ask_others(SagaId id, std::uint64_t ticket, OtherSagasAsk ask, Duration pause) {
  const auto found = live_.find(id);
  if (found == live_.end() || !find_outstanding(*found->second, ticket)) return;
  ask([this, id, ticket, ask, pause](Result<core::Input> answer) {
    FAILPOINT("others-have-answered");
    // Later: it may come at once, while the saga's other commands are still being begun.
    if (answer)
      return parts_.post([this, id, ticket, input = std::move(*answer)] { report(id, ticket, input); });
    const bool full = answer.error().kind == ErrorKind::LimitReached;
    if (full && pause == kAskAgain) log::warn("{} {}", to_text(id), answer.error().message);
    const Duration next = full ? std::min(2 * pause, kAskAgainAtMost) : kAskAgain;
    parts_.timers.at(parts_.log.now() + (full ? pause : kAskAgain),
                     [this, id, ticket, ask, next] { ask_others(id, ticket, ask, next); });
  });
}

void Lane::ask_others(SagaId id, std::uint64_t ticket, OtherSagasAsk ask) {
  ask_others(id, ticket, std::move(ask), kAskAgain);
}

void Lane::run_child(LiveSaga& saga, const core::RunChild& run, std::uint64_t ticket) {
  const auto& action = std::get<core::SagaAction>(core::action_of(*saga.definition, run.step, run.operation));
  const auto rendered = core::render(action, *saga.definition, saga.state, run.step);
  if (!rendered)
    return parts_.post([this, id = saga.id, ticket, refused = told(run, rendered.error())] {
      report(id, ticket, *refused);
    });
  const std::string suffix = run.operation == core::Operation::Compensate ? ":undo" : "";
  const core::RequestSummary& request = request_of(saga.state, run.step, run.operation);
  ChildToRun child{run.child,
                   request.definition,
                   rendered->input,
                   request.key,
                   "saga:" + to_text(saga.id) + ":" + run.step + suffix,
                   {saga.id, run.step}};
  ask_others(saga.id, ticket, [this, run, child](auto done) {
    parts_.others.run(child, [run, done](const Result<ChildEnd>& end) { done(told(run, end)); });
  });
}

void Lane::undo_child(LiveSaga& saga, const core::UndoChild& undo, std::uint64_t ticket) {
  const std::string reason = saga.state.error ? saga.state.error->title : "";
  ask_others(saga.id, ticket, [this, undo, reason](auto done) {
    parts_.others.undo(undo.child, reason,
                       [undo, done](const Result<ChildEnd>& end) { done(told(undo, end)); });
  });
}

void Lane::deliver(LiveSaga& saga, const core::DeliverEvent& command, std::uint64_t ticket) {
  const core::RequestSummary& request = request_of(saga.state, command.step, command.operation);
  const auto hops = saga.state.cause.get("hops");
  EventToDeliver event;
  event.name = request.event;
  event.data = request.data;
  event.source = saga.definition->name;
  event.id = core::idempotency_key(saga.id, command.step, command.operation);
  event.key = request.key;
  event.except = saga.id;
  event.hops = hops.is_number() ? static_cast<std::uint32_t>(hops.as_integer().value_or(0)) : 0;
  ask_others(saga.id, ticket, [this, command, event](auto done) {
    parts_.others.deliver(event,
                          [command, done](const Result<Reached>& reached) { done(told(command, reached)); });
  });
}

}  // namespace skald::runtime
