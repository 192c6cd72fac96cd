#include "tests/simulation/people.hpp"

#include <algorithm>
#include <iterator>

#include "tests/simulation/between.hpp"
#include "tests/simulation/random_saga.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;

namespace {

constexpr int kTries = 6;
constexpr Duration kBetweenTries = 2s;
constexpr const char* kOutside = "outside";

Json some_data(Chance& chance) {
  return Json::object({{"key", "k" + std::to_string(chance.below(3))},
                       {"flag", chance.one_in(2)},
                       {"number", static_cast<std::int64_t>(chance.below(10))}});
}

template <class Fact, class Fits>
bool has_event(const SeenSaga& saga, Fits fits) {
  return std::any_of(saga.events.begin(), saga.events.end(), [&](const core::Event& event) {
    const auto* fact = std::get_if<Fact>(&event.fact);
    return fact && fits(*fact);
  });
}

}  // namespace

std::optional<SagaId> People::some_saga() {
  std::vector<SagaId> running;
  for (const auto& [id, saga] : house_.witness.sagas())
    if (!saga.folded.ended) running.push_back(id);
  if (running.empty()) return std::nullopt;
  return house_.surroundings.chance.pick(running);
}

core::Input People::verb_for(const core::State& state) {
  Surroundings& around = house_.surroundings;
  const auto hit = [&](Fault fault) { around.faults.hit(fault); };
  const core::StepPath stuck = state.stuck ? state.stuck->step : "";
  const core::StepPath step = !stuck.empty() || state.open.empty() ? stuck : state.open.begin()->first;
  switch (around.chance.below(13)) {
    case 0:
    case 1:
    case 2:
    case 3: hit(Fault::OperatorPaused); return core::OperatorPause{"ann", ""};
    case 4:
    case 5: return core::OperatorResume{"ann", ""};
    case 6:
    case 7:
    case 8:
      hit(Fault::OperatorRetried);
      return core::OperatorRetry{around.chance.one_in(2) ? "" : step, "ann", ""};
    case 9:
    case 10:
      hit(Fault::OperatorSkipped);
      return core::OperatorSkip{step, Json(), around.chance.one_in(2), "ann", ""};
    case 11: hit(Fault::OperatorUndid); return core::OperatorUndo{"ann", ""};
    default: hit(Fault::OperatorTerminated); return core::OperatorTerminate{"ann", ""};
  }
}

void People::operate() {
  const auto id = some_saga();
  if (id) ask(*id, verb_for(house_.witness.find(*id)->folded));
}

void People::signal() {
  const auto id = some_saga();
  if (!id) return;
  Chance& chance = house_.surroundings.chance;
  house_.surroundings.faults.hit(Fault::SignalSent);
  const std::string name = kEvents[chance.below(std::size(kEvents))];
  const bool has_id = chance.one_in(2);
  ask(*id,
      core::EventArrived{name, some_data(chance), has_id ? "signal-" + std::to_string(chance.below(5)) : "",
                         has_id ? "signal" : "", ""});
}

void People::ask(SagaId saga, core::Input input) {
  LaneOfNode* owner = routes_.owner(saga.partition());
  if (!owner) return;
  if (const auto* skip = std::get_if<core::OperatorSkip>(&input))
    house_.witness.decided_by_hand(saga, skip->step);
  auto asked = std::make_shared<Asked>(Asked{saga, std::move(input)});
  asked_.push_back(asked);
  owner->post([this, owner, asked] {
    owner->lane().ask(asked->saga, asked->input, [this, asked](Result<runtime::Snapshot> answer) {
      asked->accepted = answer.has_value();
      if (house_.surroundings.tell)
        house_.surroundings.tell(to_text(asked->saga).substr(24) + " verb " +
                                 std::to_string(asked->input.index()) + ": " +
                                 (answer ? "accepted" : answer.error().message));
    });
  });
}

void People::send_event() {
  Chance& chance = house_.surroundings.chance;
  auto sent = std::make_shared<Sent>();
  sent->event.name = chance.one_in(3) ? kBegins : kEvents[chance.below(std::size(kEvents))];
  sent->event.data = some_data(chance);
  sent->event.source = kOutside;
  sent->event.id = "event-" + std::to_string(numbers_++);
  sent->event.key = sent->event.data.get("key").as_string();
  send(sent);
}

// Until somebody says what it has reached.
void People::send(const std::shared_ptr<Sent>& sent) {
  if (++sent->tries > kTries) return;
  house_.surroundings.faults.hit(Fault::EventSent);
  const auto again = [this, sent] { house_.surroundings.after(kBetweenTries, [this, sent] { send(sent); }); };
  LaneOfNode* at = routes_.any();
  if (!at) return again();
  at->post([this, at, sent, again] {
    const std::size_t since = house_.witness.commits();
    at->others().deliver(sent->event, [this, sent, since, again](Result<runtime::Reached> reached) {
      if (!reached || !reached->full.empty()) return again();
      const runtime::EventToDeliver& event = sent->event;
      house_.witness.between().check_delivered(
          {event.name, event.key, event.source, event.id, std::nullopt, since + 1});
    });
  });
}

void People::help() {
  std::vector<SagaId> all;
  for (const auto& [id, saga] : house_.witness.sagas())
    if (!saga.folded.ended) all.push_back(id);
  for (const SagaId& id : all) help(id, house_.witness.find(id)->folded);
}

void People::help(SagaId id, const core::State& state) {
  if (state.paused) return ask(id, core::OperatorResume{"ann", ""});
  if (state.phase == core::Phase::Stuck) {
    const SeenSaga* parent = state.parent ? house_.witness.find(state.parent->saga) : nullptr;
    if (parent && !parent->folded.ended) ask(id, core::OperatorTerminate{"ann", "its parent waits"});
    return;
  }
  for (const auto& [path, nothing] : state.open) {
    const core::StepState& step = *state.find_step(path);
    if (step.waiting != "event" || step.until) continue;
    Json data = Json::object({{"number", std::int64_t{9}}});
    return ask(id, core::EventArrived{step.request.event, data, "", "", ""});
  }
}

void People::check_words() const {
  for (const auto& asked : asked_) {
    const SeenSaga* saga = house_.witness.find(asked->saga);
    if (!asked->accepted || !saga) continue;
    const auto violated = [&](const std::string& how) {
      house_.surroundings.violated("verb", to_text(asked->saga) + how);
    };
    if (std::holds_alternative<core::OperatorTerminate>(asked->input) &&
        !has_event<core::SagaEnded>(*saga, [](const auto& e) { return e.status == "failed"; }))
      violated(" was terminated, and has not ended so");
    if (std::holds_alternative<core::OperatorPause>(asked->input) &&
        !has_event<core::SagaPaused>(*saga, [](const auto&) { return true; }))
      violated(" was paused, and the log does not say so");
    const auto* signal = std::get_if<core::EventArrived>(&asked->input);
    if (!signal) continue;
    const bool kept = has_event<core::EventReceived>(*saga, [&](const auto& e) {
      return e.name == signal->name && e.id == signal->id && (!signal->id.empty() || e.data == signal->data);
    });
    const bool same_id = has_event<core::EventReceived>(*saga, [&](const auto& e) {
      return !signal->id.empty() && e.id == signal->id && e.source == signal->source;
    });
    const bool undone = has_event<core::CompensationStarted>(
        *saga, [&](const auto& e) { return e.error.event == signal->name; });
    if (!kept && !same_id && !undone)
      violated(" accepted the signal " + signal->name + ", and did not keep it");
  }
}

}  // namespace skald::simulation
