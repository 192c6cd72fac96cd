#include "tests/simulation/between.hpp"

#include <algorithm>

#include "engine/core/render.hpp"

namespace skald::simulation {

using core::Operation;

namespace {

constexpr std::string_view kByEvent = "event:";
constexpr std::string_view kUndo = ":undo";

bool waits_for(const core::Definition& definition, const std::string& event) {
  return std::any_of(definition.steps.begin(), definition.steps.end(), [&](const core::Step& step) {
    const auto* wait = std::get_if<core::WaitFor>(&step.kind);
    return wait && wait->event == event;
  });
}

// Whether the event cancels such a saga whatever it says, also when it has completed.
bool cancels_for_ever(const core::Definition& definition, const std::string& event) {
  return std::any_of(definition.cancel_on.begin(), definition.cancel_on.end(), [&](const core::CancelOn& on) {
    return on.event == event && !on.where && on.until == core::CancelUntil::Forever;
  });
}

bool is_named(const core::Definition& definition, const std::string& event) {
  return waits_for(definition, event) ||
         std::any_of(definition.cancel_on.begin(), definition.cancel_on.end(),
                     [&](const core::CancelOn& on) { return on.event == event; });
}

const core::RequestSummary& request_of(const core::StepState& step, Operation operation) {
  return operation == Operation::Action ? step.request : step.undo_request;
}

}  // namespace

void Between::check(const SeenSaga& saga, const core::Event& event) const {
  if (const auto* e = std::get_if<core::SagaStarted>(&event.fact)) check_start(saga, *e);
  if (const auto* e = std::get_if<core::EventReceived>(&event.fact)) check_received(saga, *e);
  if (const auto* e = std::get_if<core::StepSucceeded>(&event.fact)) check_success(saga, *e, event.time);
  if (const auto* e = std::get_if<core::StepFailed>(&event.fact)) check_failure(saga, *e, event.time);
  if (const auto* e = std::get_if<core::StepCompensated>(&event.fact)) check_undo(saga, *e);
}

void Between::check_start(const SeenSaga& saga, const core::SagaStarted& started) const {
  if (started.parent) check_child_start(saga.folded.id, started);
  if (!started.start_key || !started.start_key->starts_with(kByEvent)) return;
  const std::string source = started.cause.get("source").as_string();
  const std::string id = started.cause.get("id").as_string();
  if (*started.start_key != std::string(kByEvent) + source + ":" + id)
    violated("I2", saga.folded.id, "began by an event and has the key " + *started.start_key);
  check_source(saga.folded.id, source, id);
}

void Between::check_child_start(SagaId child, const core::SagaStarted& started) const {
  const SeenSaga* parent = witness_.find(started.parent->saga);
  const core::StepState* step = parent ? parent->folded.find_step(started.parent->step) : nullptr;
  if (!step) return violated("child", child, "began, and no parent had asked for it");
  const std::string key = "saga:" + to_text(started.parent->saga) + ":" + started.parent->step;
  const bool forwards = step->request.child == child && started.start_key == key;
  const bool as_undo = step->undo_request.child == child && started.start_key == key + std::string(kUndo);
  if (!forwards && !as_undo) violated("child", child, "is not the child that its parent has asked for");
}

// The same event once; and of a saga's own, only one that it has asked for.
void Between::check_received(const SeenSaga& saga, const core::EventReceived& event) const {
  if (event.id.empty()) return;
  if (saga.folded.received.contains(event.source + ' ' + event.id))
    violated("once", saga.folded.id, "has the event " + event.id + " twice");
  check_source(saga.folded.id, event.source, event.id);
}

void Between::check_source(SagaId who, const std::string& source, const std::string& id) const {
  if (!catalog_.newest(source)) return;  // from outside
  const std::string_view all = id;
  const auto emitter = parse_saga_id(all.substr(0, all.find(':')));
  const SeenSaga* seen = emitter ? witness_.find(*emitter) : nullptr;
  if (!seen || !seen->asked.contains(id))
    violated("I9", who, "has the event " + id + ", which nobody had emitted");
}

void Between::check_success(const SeenSaga& saga, const core::StepSucceeded& event, Timestamp time) const {
  const core::StepState* step = saga.folded.find_step(event.step);
  if (!step) return;
  if (step->kind == "emit") check_emitted(saga, event.step, Operation::Action);
  if (step->kind == "wait" || (step->kind == "waitFor" && !event.takes)) check_wait(saga, event.step, time);
  if (step->kind == "waitFor" && event.takes && !saga.folded.kept.find(*event.takes))
    violated("takes", saga.folded.id,
             "takes the event " + std::to_string(*event.takes) + ", which is not there");
  if (step->kind != "saga") return;
  if (!has_completed(*step->request.child))
    violated("child", saga.folded.id, "goes on after " + event.step + ", whose child is not completed");
}

void Between::check_failure(const SeenSaga& saga, const core::StepFailed& event, Timestamp time) const {
  const core::StepState* step = saga.folded.find_step(event.step);
  if (!step) return;
  const bool by_itself = !saga.folded.is_undoing();  // else it is given up, whatever the cause of the undo is
  if (step->kind == "waitFor" && by_itself && event.error.type == core::problem_type::kTimeout)
    check_wait(saga, event.step, time);
  if (step->kind != "saga" || !step->request.child) return;
  const SeenSaga* child = witness_.find(*step->request.child);
  if (child && !child->folded.ended)
    violated("child", saga.folded.id, "gives up " + event.step + ", whose child runs");
}

void Between::check_undo(const SeenSaga& saga, const core::StepCompensated& event) const {
  const core::StepState* step = saga.folded.find_step(event.step);
  if (!step || witness_.is_decided_by_hand(saga.folded.id, event.step)) return;
  if (!step->undo_request.event.empty()) check_emitted(saga, event.step, Operation::Compensate);
  if (!step->undo_request.child) return;
  const bool own = step->undo_request.child == step->request.child;
  const std::string status = status_of(*step->undo_request.child);
  const bool good =
      own ? status == "cancelled" || status == "compensated" : has_completed(*step->undo_request.child);
  if (!good) violated("child", saga.folded.id, "has undone " + event.step + " by a child that is " + status);
}

// A completed child may be undone again, by its own clients, before its parent has heard.
bool Between::has_completed(SagaId saga) const {
  const SeenSaga* seen = witness_.find(saga);
  return seen && (seen->folded.after_completion || core::status_of(seen->folded) == "completed");
}

std::string Between::status_of(SagaId saga) const {
  const SeenSaga* seen = witness_.find(saga);
  return seen ? core::status_of(seen->folded) : "not there";
}

void Between::check_wait(const SeenSaga& saga, const core::StepPath& step, Timestamp time) const {
  const core::StepState& known = *saga.folded.find_step(step);
  if (known.until && time < *known.until)
    violated("I14", saga.folded.id,
             "goes on with " + step + " " + skald::to_text(*known.until - time) + " early");
}

void Between::check_emitted(const SeenSaga& saga, const core::StepPath& step, Operation operation) const {
  const core::RequestSummary& request = request_of(*saga.folded.find_step(step), operation);
  const std::string id = core::idempotency_key(saga.folded.id, step, operation);
  check_delivered({request.event, request.key, saga.definition->name, id, saga.folded.id, saga.asked.at(id)});
}

void Between::check_delivered(const Delivered& event) const {
  for (const auto& [id, receiver] : witness_.sagas())
    if (id != event.except && receiver.begun < event.since && receiver.folded.business_key == event.key &&
        receiver.definition && is_named(*receiver.definition, event.name))
      must_have_it(receiver, event);
  for (const sagas::CatalogEntry& entry : catalog_.list())
    for (const core::StartOn& on : entry.definition->start_on)
      if (on.event == event.name && !on.where &&
          !store_.find_start_key(entry.definition->name,
                                 std::string(kByEvent) + event.source + ":" + event.id))
        surroundings_.violated(
            "delivery", event.id + " is said to be delivered and has begun no " + entry.definition->name);
}

// One that ended, or began to be undone, while the event was on its way may have been either.
void Between::must_have_it(const SeenSaga& receiver, const Delivered& event) const {
  const core::State& state = receiver.folded;
  if (state.received.contains(event.source + ' ' + event.id) || state.is_undoing()) return;
  const bool completed = state.has_completed() && receiver.ended < event.since;
  const bool concerned = state.phase == core::Phase::Ended
                             ? completed && cancels_for_ever(*receiver.definition, event.name)
                             : true;
  if (concerned)
    violated("delivery", state.id, "has not got the event " + event.id + ", which is said to be delivered");
}

}  // namespace skald::simulation
