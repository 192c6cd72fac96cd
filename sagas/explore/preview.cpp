#include "sagas/explore/preview.hpp"

#include <algorithm>

#include "engine/core/command.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/path.hpp"
#include "engine/core/plan.hpp"
#include "sagas/explore/effects.hpp"

namespace skald::sagas {
namespace {

using core::Operation;

const core::Answer kGood{200, {}, ""};

// Refuses what is under way; nothing where that cannot be refused.
struct Refusing {
  using Refusal = std::optional<core::Input>;

  Refusal operator()(const core::CallService& call) const { return answered(call, false); }
  Refusal operator()(const core::PollLocation& poll) const { return answered(poll, true); }
  Refusal operator()(const core::OfferTask& task) const {
    auto error = core::make_problem(core::problem_type::kRejected, "as the preview assumes");
    return core::TaskRefused{task.step, task.operation, task.attempt, std::move(error), false};
  }
  Refusal operator()(const core::RunChild& child) const {
    return core::ChildEnded{child.step, child.operation, child.child, "compensated", Json(), std::nullopt};
  }
  Refusal operator()(const auto&) const { return std::nullopt; }

 private:
  template <class Call>
  static Refusal answered(const Call& call, bool poll) {
    return core::CallAnswered{call.step, call.operation, call.attempt, poll, {422, {}, ""}, false};
  }
};

class Player {
 public:
  Player(const core::Definition& definition, core::State state, Timestamp now)
      : definition_(definition), state_(std::move(state)), now_(now) {}

  const core::State& state() const { return state_; }

  Result<void> take(const core::Input& input) {
    auto decision = core::decide(definition_, state_, input, {now_, 0, 1, {}});
    if (!decision) return decision.error();
    state_ = std::move(decision->after);
    return {};
  }

  // To the end of the undo, everything well answered.
  void play(Preview& preview) {
    for (std::size_t i = 0; i < kMostPlayedCalls && state_.phase == core::Phase::Compensating; ++i) {
      const auto commands = core::plan(definition_, state_);
      if (commands.empty()) break;
      const core::Input answer =
          std::visit([&](const auto& command) { return answer_to(command, preview); }, commands.front());
      if (!take(answer)) break;
    }
    preview.ends = core::status_of(state_);
    for (const core::StepPath& path : standing(definition_, state_))
      preview.stays.push_back(told_effect(state_, path));
  }

 private:
  core::Input answer_to(const core::CallService& call, Preview& preview) {
    preview.calls.push_back(call_of(call.step, "http"));
    const auto& action = std::get<core::HttpAction>(core::action_of(definition_, call.step, call.operation));
    if (auto request = core::render(action, definition_, state_, call.step, Json()))
      preview.calls.back().request = std::move(*request);
    return core::CallAnswered{call.step, call.operation, call.attempt, false, kGood};
  }
  core::Input answer_to(const core::PollLocation& poll, Preview&) {
    return core::CallAnswered{poll.step, poll.operation, poll.attempt, true, kGood};
  }
  // What is in flight may have its effect.
  core::Input answer_to(const core::AwaitAnswer& awaited, Preview& preview) {
    preview.awaited.push_back(awaited.step);
    return core::CallFailed{
        awaited.step, awaited.operation, awaited.attempt, false, core::CallFailure::ConnectionLost, ""};
  }
  core::Input answer_to(const core::OfferTask& task, Preview& preview) {
    PreviewCall call = call_of(task.step, "task");
    call.queue = task.queue;
    const auto& action = std::get<core::TaskAction>(core::action_of(definition_, task.step, task.operation));
    if (auto body = core::render(action, definition_, state_, task.step)) call.body = std::move(*body);
    preview.calls.push_back(std::move(call));
    return core::TaskDone{task.step, task.operation, task.attempt, Json()};
  }
  core::Input answer_to(const core::UndoChild& child, Preview& preview) {
    PreviewCall call = call_of(child.step, "saga");
    call.child = to_text(child.child);
    call.definition = state_.find_step(child.step)->request.definition;
    preview.calls.push_back(std::move(call));
    return core::ChildEnded{child.step, child.operation, child.child, "cancelled", Json(), std::nullopt};
  }
  core::Input answer_to(const core::RunChild& child, Preview& preview) {
    PreviewCall call = call_of(child.step, "saga");
    call.starts_child = true;
    const auto& action =
        std::get<core::SagaAction>(core::action_of(definition_, child.step, child.operation));
    call.definition = action.name;
    if (auto start = core::render(action, definition_, state_, child.step)) call.body = start->input;
    preview.calls.push_back(std::move(call));
    return core::ChildEnded{child.step, child.operation, child.child, "completed", Json(), std::nullopt};
  }
  core::Input answer_to(const core::DeliverEvent& event, Preview& preview) {
    if (event.operation == Operation::Action) {
      preview.awaited.push_back(event.step);
      return core::EventDelivered{event.step, event.operation, 0};
    }
    PreviewCall call = call_of(event.step, "emit");
    const auto& action =
        std::get<core::EmitAction>(core::action_of(definition_, event.step, event.operation));
    if (auto sent = core::render(action, definition_, state_, event.step)) {
      call.event = sent->name;
      call.key = sent->key;
      call.body = sent->data;
    }
    preview.calls.push_back(std::move(call));
    return core::EventDelivered{event.step, event.operation, 0};
  }
  core::Input answer_to(const core::KeepAwaiting& awaited, Preview& preview) {
    return answer_to(core::AwaitAnswer{awaited.step, awaited.operation, awaited.attempt}, preview);
  }
  core::Input answer_to(const core::WakeAt&, Preview&) { return core::TimePassed{}; }

  PreviewCall call_of(const core::StepPath& step, const char* kind) const {
    PreviewCall call;
    call.step = step;
    call.kind = kind;
    call.idempotency_key = core::idempotency_key(state_.id, step, Operation::Compensate);
    return call;
  }

  const core::Definition& definition_;
  core::State state_;
  const Timestamp now_;
};

std::string why_it_is_over(const core::State& state) {
  return "nothing is under way: the saga is " + core::status_of(state);
}

// Of a paused saga it is told what follows when it goes on.
void resume(Player& player) {
  if (player.state().paused) (void)player.take(core::OperatorResume{"preview", ""});
}

// What is still to do of an undo that runs, or waits for a person.
Preview go_on_undoing(Player& player) {
  Preview preview;
  preview.if_what = "it goes on";
  if (player.state().phase == core::Phase::Stuck) {
    preview.if_what = "the undo of " + player.state().stuck->step + " were tried again";
    if (const auto tried = player.take(core::OperatorRetry{"", "preview", ""}); !tried)
      preview.refused = tried.error().message;
  }
  if (preview.refused.empty()) player.play(preview);
  return preview;
}

// What fails first of what is under way, and what follows.
Preview fail(Player& player, const core::Definition& definition, const core::State& state) {
  Preview preview;
  preview.refused = "nothing that is under way can fail";
  for (const core::Command& command : core::plan(definition, state)) {
    const auto refusal = std::visit(Refusing{}, command);
    if (!refusal) continue;
    const core::StepPath path = std::visit(
        [](const auto& it) -> core::StepPath {
          if constexpr (requires { it.step; }) return it.step;
          return {};
        },
        command);
    if (definition.find_step(core::id_of(path))->optional) continue;
    preview.if_what = path + " were refused";
    preview.refused.clear();
    if (!player.take(*refusal)) continue;
    if (player.state().phase == core::Phase::Stuck)
      preview.refused = "it would be stuck at " + path + ": there is no way back, and a person has to decide";
    else
      player.play(preview);
    break;
  }
  return preview;
}

}  // namespace

Preview preview_cancel(const core::Definition& definition, const core::State& state, Timestamp now) {
  Player player(definition, state, now);
  resume(player);
  Preview preview;
  preview.if_what = "it were cancelled";
  const auto taken = player.take(core::CancelRequested{"", "preview"});
  if (!taken)
    preview.refused = taken.error().message;
  else
    player.play(preview);
  return preview;
}

Preview preview_failure(const core::Definition& definition, const core::State& state, Timestamp now) {
  Player player(definition, state, now);
  resume(player);
  const core::State resumed = player.state();
  if (resumed.phase == core::Phase::Ended) {
    Preview preview;
    preview.if_what = "it failed";
    preview.refused = why_it_is_over(resumed);
    return preview;
  }
  if (resumed.is_undoing()) return go_on_undoing(player);
  if (resumed.phase == core::Phase::Stuck) {
    Preview preview;
    preview.if_what = "an operator asked for the undo (skald compensate)";
    if (const auto asked = player.take(core::OperatorUndo{"preview", ""}); !asked)
      preview.refused = asked.error().message;
    else
      player.play(preview);
    return preview;
  }
  return fail(player, definition, resumed);
}

}  // namespace skald::sagas
