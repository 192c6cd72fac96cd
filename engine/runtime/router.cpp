#include "engine/runtime/router.hpp"

#include "engine/runtime/business_key.hpp"
#include "engine/runtime/delivery.hpp"
#include "engine/runtime/inside.hpp"

namespace skald::runtime {
namespace {

// A parent waits as long as its child takes; it only asks anew from time to time.
constexpr Duration kAskAnew = std::chrono::hours(1);

bool has_ended(const core::Definition&, const core::State& state) {
  return state.phase == core::Phase::Ended;
}

ChildEnd end_of(const Snapshot& saga) {
  const core::State& state = saga.state;
  const bool completed = state.ended && state.ended->status == "completed";
  return {core::status_of(state), state.output,
          completed || !state.ended ? std::nullopt : state.ended->error};
}

}  // namespace

void SagaRouter::run(ChildToRun child, Done<ChildEnd> done) {
  const auto entry = inside_.catalog.load()->newest(child.definition);
  if (!entry) return done(not_found("there is no definition '" + child.definition + "'"));
  if (entry->input)
    if (const auto faults = entry->input->validate(child.input); !faults.empty())
      return done(invalid(faults.front().pointer + ": " + faults.front().message));
  Lane::Begin begin;
  begin.id = child.id;
  begin.entry = *entry;
  begin.start.input = child.input;
  begin.start.business_key = child.business_key.empty() ? to_text(child.id) : child.business_key;
  begin.start.start_key = child.start_key;
  begin.start.request_hash = kNoRequestHash;
  begin.start.parent = child.parent;
  begin.by_saga = true;
  const Done<Lane::BeginOutcome> begun = [this, id = child.id, done](Result<Lane::BeginOutcome> outcome) {
    if (!outcome) return done(outcome.error());
    const auto* taken = std::get_if<store::StartKeyTaken>(&*outcome);
    await_end(taken ? taken->saga : id, done);
  };
  inside_.on_owner(home_, child.id.partition(), begun,
                   [begin = std::move(begin)](Lane& owner, const Done<Lane::BeginOutcome>& done) {
                     owner.begin(begin, done);
                   });
}

void SagaRouter::await_end(SagaId child, Done<ChildEnd> done) {
  const Done<Snapshot> awaited = [this, child, done](Result<Snapshot> saga) {
    if (!saga) return done(saga.error());
    if (saga->state.phase != core::Phase::Ended) return await_end(child, done);
    done(end_of(*saga));
  };
  inside_.on_owner(home_, child.partition(), awaited, [child](Lane& owner, const Done<Snapshot>& done) {
    owner.await(child, has_ended, kAskAnew, done);
  });
}

void SagaRouter::undo(SagaId child, std::string reason, Done<ChildEnd> done) {
  const Done<Snapshot> asked = [this, child, done](Result<Snapshot> saga) {
    // Too late, or being undone for a reason of its own: its end tells.
    const bool refused = !saga && saga.error().kind == ErrorKind::Conflict;
    if (!saga && !refused) return done(saga.error());
    await_end(child, done);
  };
  inside_.on_owner(home_, child.partition(), asked,
                   [child, request = core::CancelRequested{std::move(reason), "its parent", true}](
                       Lane& owner, const Done<Snapshot>& done) { owner.ask(child, request, done); });
}

void SagaRouter::deliver(EventToDeliver event, Done<Reached> done) {
  Delivery::begin(inside_, home_, std::move(event), std::move(done));
}

}  // namespace skald::runtime
