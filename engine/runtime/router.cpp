#include "engine/runtime/router.hpp"

#include "engine/base/failpoint.hpp"
#include "engine/runtime/delivery.hpp"

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
  const auto entry = owners_->catalog()->newest(child.definition);
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
  FAILPOINT("child-about-to-begin");
  owners_->begin(std::move(begin), [this, id = child.id, done](Result<Lane::BeginOutcome> outcome) {
    FAILPOINT("child-start-answered");
    if (!outcome) return done(outcome.error());
    const auto* taken = std::get_if<store::StartKeyTaken>(&*outcome);
    await_end(taken ? taken->saga : id, done);
  });
}

void SagaRouter::await_end(SagaId child, Done<ChildEnd> done) {
  owners_->await(child, has_ended, kAskAnew, [this, child, done](Result<Snapshot> saga) {
    if (!saga) return done(saga.error());
    if (saga->state.phase != core::Phase::Ended) return await_end(child, done);
    FAILPOINT("childs-end-heard");
    done(end_of(*saga));
  });
}

void SagaRouter::undo(SagaId child, std::string reason, Done<ChildEnd> done) {
  core::CancelRequested request{std::move(reason), "its parent", true};
  owners_->ask(child, std::move(request), [this, child, done](Result<Snapshot> saga) {
    FAILPOINT("childs-undo-answered");
    // Too late, or being undone for a reason of its own: its end tells.
    const bool refused = !saga && saga.error().kind == ErrorKind::Conflict;
    if (!saga && !refused) return done(saga.error());
    await_end(child, done);
  });
}

void SagaRouter::deliver(EventToDeliver event, Done<Reached> done) {
  Delivery::begin(*owners_, std::move(event), std::move(done));
}

}  // namespace skald::runtime
