// What a saga asks of other sagas: to run and undo children, to deliver events. Asked again until it is
// answered: whoever is asked twice does it once.
#include "engine/core/path.hpp"
#include "engine/core/render.hpp"
#include "engine/runtime/lane.hpp"

namespace skald::runtime {
namespace {

constexpr Duration kAskAgain = std::chrono::seconds(1);

bool is_passing(const Error& error) {
  return error.kind == ErrorKind::Unavailable;
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

core::ChildEnded told(const core::StepPath& step, core::Operation operation, SagaId child,
                      const Result<ChildEnd>& end) {
  if (!end) return {step, operation, child, "refused", Json(), why_not(end.error())};
  return {step, operation, child, end->status, end->output, end->error};
}

}  // namespace

// `ask` hands its answer to the function it is given: what the answer means to the saga, or nothing, which
// has it asked again, as long as the answer is wanted.
void Lane::ask_others(SagaId id, std::uint64_t ticket, OtherSagasAsk ask) {
  const auto found = live_.find(id);
  if (found == live_.end() || !find_outstanding(*found->second, ticket)) return;
  ask([this, id, ticket, ask](std::optional<core::Input> answer) {
    if (answer) return report(id, ticket, std::move(*answer));
    parts_.timers.at(parts_.log.now() + kAskAgain, [this, id, ticket, ask] { ask_others(id, ticket, ask); });
  });
}

void Lane::run_child(LiveSaga& saga, const core::RunChild& run, std::uint64_t ticket) {
  const auto& action = std::get<core::SagaAction>(core::action_of(*saga.definition, run.step, run.operation));
  const auto rendered = core::render(action, *saga.definition, saga.state, run.step);
  if (!rendered) {
    const auto end = told(run.step, run.operation, run.child, rendered.error());
    return parts_.post([this, id = saga.id, ticket, end] { report(id, ticket, end); });
  }
  const std::string suffix = run.operation == core::Operation::Compensate ? ":undo" : "";
  const core::RequestSummary& request = request_of(saga.state, run.step, run.operation);
  ChildToRun child{run.child,
                   request.definition,
                   rendered->input,
                   request.key,
                   "saga:" + to_text(saga.id) + ":" + run.step + suffix,
                   {saga.id, run.step}};
  ask_others(saga.id, ticket, [this, run, child](auto done) {
    parts_.others.run(child, [run, done](Result<ChildEnd> end) {
      if (!end && is_passing(end.error())) return done(std::nullopt);
      done(told(run.step, run.operation, run.child, end));
    });
  });
}

void Lane::undo_child(LiveSaga& saga, const core::UndoChild& undo, std::uint64_t ticket) {
  const std::string reason = saga.state.error ? saga.state.error->title : "";
  ask_others(saga.id, ticket, [this, undo, reason](auto done) {
    parts_.others.undo(undo.child, reason, [undo, done](Result<ChildEnd> end) {
      if (!end && is_passing(end.error())) return done(std::nullopt);
      done(told(undo.step, undo.operation, undo.child, end));
    });
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
    parts_.others.deliver(event, [command, done](Result<Reached> reached) {
      if (!reached && is_passing(reached.error())) return done(std::nullopt);
      done(core::EventDelivered{command.step, command.operation, reached ? reached->sagas : 0});
    });
  });
}

}  // namespace skald::runtime
