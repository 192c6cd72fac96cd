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
  begin.start.request_hash = std::string(64, '0');  // its parent asks for nothing else by this key
  begin.start.parent = child.parent;
  const std::size_t owner = inside_.owner_of(child.id.partition(), home_);
  const Done<Lane::BeginOutcome> begun = [this, id = child.id, done](Result<Lane::BeginOutcome> outcome) {
    if (!outcome) return done(outcome.error());
    const auto* taken = std::get_if<store::StartKeyTaken>(&*outcome);
    await_end(taken ? taken->saga : id, done);
  };
  inside_.on_lane(home_, owner,
                  [this, owner, begin = std::move(begin), begun = inside_.back_to(home_, owner, begun)] {
                    inside_.at(owner).lane().begin(begin, begun);
                  });
}

void SagaRouter::await_end(SagaId child, Done<ChildEnd> done) {
  const std::size_t owner = inside_.owner_of(child.partition(), home_);
  const Done<Snapshot> awaited = [this, child, done](Result<Snapshot> saga) {
    if (!saga) return done(saga.error());
    if (saga->state.phase != core::Phase::Ended) return await_end(child, done);
    done(end_of(*saga));
  };
  inside_.on_lane(home_, owner, [this, owner, child, awaited = inside_.back_to(home_, owner, awaited)] {
    inside_.at(owner).lane().await(child, has_ended, kAskAnew, awaited);
  });
}

void SagaRouter::undo(SagaId child, std::string reason, Done<ChildEnd> done) {
  const std::size_t owner = inside_.owner_of(child.partition(), home_);
  const Done<Snapshot> asked = [this, child, done](Result<Snapshot> saga) {
    // Too late, or being undone for a reason of its own: its end tells.
    const bool refused = !saga && saga.error().kind == ErrorKind::Conflict;
    if (!saga && !refused) return done(saga.error());
    await_end(child, done);
  };
  inside_.on_lane(home_, owner,
                  [this, owner, child, request = core::CancelRequested{std::move(reason), "its parent", true},
                   asked = inside_.back_to(home_, owner, asked)] {
                    inside_.at(owner).lane().ask(child, request, asked);
                  });
}

void SagaRouter::deliver(EventToDeliver event, Done<Reached> done) {
  Delivery::begin(inside_, home_, std::move(event), std::move(done));
}

}  // namespace skald::runtime
