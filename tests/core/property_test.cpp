// Random definitions × random histories: whatever services, clients and the clock do, and wherever the engine
// crashes, the log stays legal, folds to the live state, and comes to an end once the faults stop.
#include <doctest/doctest.h>

#include <array>
#include <map>

#include "engine/core/retelling.hpp"
#include "engine/core/start_answer.hpp"
#include "tests/core/legal_log.hpp"
#include "tests/core/random_definition.hpp"
#include "tests/core/service_model.hpp"
#include "tests/core/story_lines.hpp"
#include "tests/core/told_saga.hpp"
#include "tests/first_seed.hpp"

namespace skald::core::testing {
namespace {

constexpr int kHistories = 10'000;
constexpr int kNestedHistories = 5'000;
constexpr int kFaultyTurns = 30;
// With well-behaved services each step needs a call and an undo, some waits and wake-ups between them.
constexpr int kQuietTurns = 600;
constexpr Timestamp kStart{1'767'225'600'000'000};

class History {
 public:
  History(std::uint64_t seed, Definition (*make)(Random&))
      : random_(seed),
        definition_(make(random_)),
        saga_(definition_),
        service_(random_),
        with_people_(make == random_nested_definition) {}

  void tell() {
    take(StartRequested{Json::object({{"flag", once_in(random_, 2)}, {"number", 5}}), "key", std::nullopt, "",
                        "", std::nullopt, Json()});
    for (int turn = 0; turn < kFaultyTurns; ++turn) take_faulty_turn();
    service_.behave();
    service_.do_delayed_work();
    if (saga_.state().paused) take(OperatorResume{"ann", ""});
    for (int turn = 0; turn < kQuietTurns && !is_settled(); ++turn) {
      // Whatever it still waits for comes.
      if (saga_.outstanding().empty() || once_in(random_, 5)) tell_event();
      perform_next();
    }
  }

  bool is_settled() const {
    const State& state = saga_.state();
    if (state.phase != Phase::Ended && state.phase != Phase::Stuck) return false;
    // A stuck saga may have steps that still wait for somebody.
    for (const auto& [path, nothing] : state.open)
      if (state.find_step(path)->waiting != "event") return false;
    return true;
  }
  const ToldSaga& saga() const { return saga_; }
  const Definition& definition() const { return definition_; }
  const ServiceModel& service() const { return service_; }

  std::string text() const {
    std::string lines;
    for (const Event& event : saga_.log()) lines += "\n  " + line_of(event, kStart);
    for (const Command& command : saga_.outstanding()) lines += "\n  > " + line_of(command, kStart);
    return lines;
  }

 private:
  void take_faulty_turn() {
    const std::uint64_t fate = random_.below(60);
    if (fate == 0)
      take(CancelRequested{"why not", "ann"});
    else if (fate == 1)
      take(AppendRefused{"too large"});
    else if (fate <= 4)
      saga_.crash();
    else if (fate <= 6)
      service_.do_delayed_work();
    else if (fate <= 12 && !replies_.empty())
      take(replies_[random_.below(replies_.size())]);
    else if (fate <= 14 && with_people_)
      ask_as_operator();
    else if (fate <= 17)
      tell_event();
    else if (fate <= 19)
      pass_time(now_ + Duration(std::chrono::seconds(random_.below(30))));
    else
      perform_next();
  }

  void perform_next() {
    const auto commands = saga_.outstanding();
    if (commands.empty()) return;
    // Wake-ups come last: they let the calls beside them time out.
    std::size_t chosen = random_.below(commands.size());
    if (std::holds_alternative<WakeAt>(commands[chosen]) && !once_in(random_, 10)) chosen = 0;
    std::visit([&](const auto& command) { perform(command); }, commands[chosen]);
  }

  void perform(const CallService& call) {
    pass_until(call.not_before);
    reply(service_.answer(call));
  }
  void perform(const PollLocation& poll) {
    pass_until(poll.not_before);
    reply(service_.answer(poll));
  }
  void perform(const AwaitAnswer& awaited) {
    CallService call;
    call.step = awaited.step;
    call.operation = awaited.operation;
    call.attempt = awaited.attempt;
    const bool forgotten = once_in(random_, 3);
    if (!forgotten) return reply(service_.answer(call));
    reply(
        CallFailed{awaited.step, awaited.operation, awaited.attempt, false, CallFailure::ConnectionLost, ""});
  }
  void perform(const KeepAwaiting& awaited) {
    CallService call;
    call.step = awaited.step;
    call.operation = awaited.operation;
    call.attempt = awaited.attempt;
    const StepState& step = *saga_.state().find_step(awaited.step);
    const auto& request = awaited.operation == Operation::Action ? step.request : step.undo_request;
    if (request.method.empty())
      return reply(TaskDone{awaited.step, awaited.operation, awaited.attempt, Json()});
    reply(service_.answer(call));
  }
  void perform(const OfferTask& task) {
    pass_until(task.not_before);
    const std::uint64_t fate = service_.behaves() ? 99 : random_.below(8);
    if (fate == 0)
      reply(CallFailed{task.step, task.operation, task.attempt, false, CallFailure::TimedOut,
                       "the lease ran out"});
    else if (fate <= 2)
      reply(TaskRefused{task.step, task.operation, task.attempt, make_problem("rejected", "no"), fate == 1});
    else
      reply(TaskDone{task.step, task.operation, task.attempt, Json(7)});
  }
  void perform(const RunChild& child) { end_child(child.step, child.operation, child.child, "completed"); }
  void perform(const UndoChild& child) { end_child(child.step, child.operation, child.child, "cancelled"); }
  void end_child(const StepPath& step, Operation operation, SagaId child, const char* well) {
    static const std::array<const char*, 4> kEnds = {"completed", "compensated", "failed", "refused"};
    const bool badly = !service_.behaves() && once_in(random_, 4);
    reply(ChildEnded{step, operation, child, badly ? kEnds[random_.below(4)] : well, Json(), std::nullopt});
  }
  void perform(const DeliverEvent& event) { reply(EventDelivered{event.step, event.operation, 1}); }

  void tell_event() {
    static const std::array<const char*, 3> kNames = {"Paid", "Sent", "Closed"};
    const std::string name = kNames[random_.below(service_.behaves() ? 2 : 3)];
    take(EventArrived{name, Json(1), once_in(random_, 3) ? "" : std::to_string(random_.below(9)), "test",
                      once_in(random_, 2) ? "" : "key"});
  }
  void ask_as_operator() {
    const auto& open = saga_.state().open;
    const StepPath step = open.empty() ? "s0" : open.begin()->first;
    switch (random_.below(7)) {
      case 0: return take(OperatorRetry{once_in(random_, 2) ? "" : step, "ann", ""});
      case 1:
        return take(OperatorSkip{saga_.state().stuck ? saga_.state().stuck->step : step, Json(),
                                 once_in(random_, 2), "ann", ""});
      case 2: return take(OperatorUndo{"ann", ""});
      case 3: return take(OperatorPause{"ann", ""});
      case 4:
      case 5: return take(OperatorResume{"ann", ""});
      default:
        if (once_in(random_, 4)) take(OperatorTerminate{"ann", ""});
    }
  }
  void perform(const WakeAt& wake) {
    pass_time(std::max(wake.at, now_));
    for (const Command& command : saga_.outstanding())
      if (const auto* next = std::get_if<WakeAt>(&command))
        CHECK_MESSAGE(next->at >= now_, "a wake-up that is due changes something", text());
  }

  void pass_until(Timestamp at) { now_ = std::max(now_, at) + Duration(random_.below(3'000'000)); }
  void pass_time(Timestamp at) {
    now_ = at;
    take(TimePassed{});
  }
  void reply(Input input) {
    replies_.push_back(input);
    take(std::move(input));
  }

  void take(const Input& input) {
    const std::size_t before = saga_.log().size();
    const auto decision = saga_.take(input, {now_, random_.next(), 1, {}});
    if (!decision) return check_refusal(input);
    CHECK(saga_.log().size() == before + decision->events.size());
    for (const Event& event : decision->events) CHECK(event.time == now_);
    check_answer();
    check_outstanding();
    CHECK_MESSAGE(goes_on(), "something is outstanding until the end", text());
    now_ = now_ + Duration(1);
  }

  // By itself, or by somebody who is waited for.
  bool goes_on() const {
    const State& state = saga_.state();
    if (is_settled() || state.paused || state.phase == Phase::Stuck || !saga_.outstanding().empty())
      return true;
    for (const auto& [path, nothing] : state.open)
      if (state.find_step(path)->waiting == "event") return true;
    return false;
  }
  // Only what people and strangers ask for is refused.
  void check_refusal(const Input& input) {
    const bool from_service =
        std::holds_alternative<CallAnswered>(input) || std::holds_alternative<CallFailed>(input);
    CHECK_FALSE(from_service);
  }
  // Once an undo has begun, no action is sent again.
  void check_outstanding() {
    for (const Command& command : saga_.outstanding()) {
      const auto* call = std::get_if<CallService>(&command);
      if (call && call->operation == Operation::Action) CHECK(!saga_.state().is_undoing());
    }
  }
  void check_answer() {
    const auto answer = start_answer(definition_, saga_.state());
    if (answered_) CHECK_MESSAGE(answer == answered_, "the answer to the start has changed");
    answered_ = answer;
  }

  Random random_;
  Definition definition_;
  ToldSaga saga_;
  ServiceModel service_;
  bool with_people_;  // operators, whose word is not the services'
  Timestamp now_ = kStart;
  std::vector<Input> replies_;
  std::optional<StartAnswer> answered_;
};

// What the services did, against what the saga says: the net effect by key (invariant I10).
std::string net_effect_fault(const History& history) {
  const State& state = history.saga().state();
  const std::string status = status_of(state);
  for (const Step& step : history.definition().steps) {
    const StepState* known = state.find_step(step.id);
    const bool stands = history.service().stands(step.id);
    if (status == "completed" && known && known->forward == Forward::Succeeded && !stands)
      return step.id + " has succeeded and has no effect";
    if ((status == "compensated" || status == "cancelled") && step.undo && stands)
      return step.id + " is still in effect after the undo";
  }
  return "";
}

// The log, told again by the definition it was written by.
std::string retold(const History& history) {
  const auto difference = retell(history.definition(), history.saga().state().id, history.saga().log());
  if (!difference) return "";
  return std::to_string(difference->event) + ": " + difference->recorded + " / " + difference->expected +
         ": " + difference->why;
}

}  // namespace

TEST_CASE("core: histories of nested steps fold to their live state, stay legal and come to an end") {
  std::map<std::string, int> ends;
  const std::uint64_t seed = skald::testing::first_seed();
  for (std::uint64_t i = 0; i < kNestedHistories; ++i) {
    History history(seed + i, random_nested_definition);
    INFO("SKALD_SEED=", seed + i, " test_core -tc='core: histories of nested*'");
    history.tell();
    INFO(history.text());
    REQUIRE(fault_in(history.definition(), history.saga().log()) == "");
    REQUIRE(retold(history) == "");
    REQUIRE(history.is_settled());
    ++ends[status_of(history.saga().state())];
  }
  for (const char* end : {"completed", "compensated", "cancelled", "failed", "stuck"}) {
    INFO(end);
    CHECK(ends[end] >= kNestedHistories / 200);
  }
}

TEST_CASE("core: every history folds to its live state, stays legal and comes to an end") {
  std::map<std::string, int> ends;
  const std::uint64_t seed = skald::testing::first_seed();
  for (std::uint64_t i = 0; i < kHistories; ++i) {
    History history(seed + i, random_definition);
    INFO("SKALD_SEED=", seed + i, " test_core -tc='core: every history*'");
    history.tell();
    INFO(history.text());
    REQUIRE(fault_in(history.definition(), history.saga().log()) == "");
    REQUIRE(retold(history) == "");
    REQUIRE(history.is_settled());
    REQUIRE(net_effect_fault(history) == "");
    ++ends[status_of(history.saga().state())];
  }
  // A test that reaches only some of the ends would prove little.
  for (const char* end : {"completed", "compensated", "cancelled", "failed", "stuck"}) {
    INFO(end);
    CHECK(ends[end] >= kHistories / 200);
  }
}

}  // namespace skald::core::testing
