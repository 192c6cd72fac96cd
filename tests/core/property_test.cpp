// Random definitions × random histories: whatever services, clients and the clock do, and wherever the engine
// crashes, the log stays legal, folds to the live state, and comes to an end once the faults stop.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "engine/core/start_answer.hpp"
#include "tests/core/legal_log.hpp"
#include "tests/core/random_definition.hpp"
#include "tests/core/service_model.hpp"
#include "tests/core/story_lines.hpp"
#include "tests/core/told_saga.hpp"

namespace skald::core::testing {
namespace {

constexpr int kHistories = 10'000;
constexpr int kFaultyTurns = 30;
// With well-behaved services each step needs a call and an undo, some waits and wake-ups between them.
constexpr int kQuietTurns = 60;
constexpr Timestamp kStart{1'767'225'600'000'000};

class History {
 public:
  explicit History(std::uint64_t seed)
      : random_(seed), definition_(random_definition(random_)), saga_(definition_), service_(random_) {}

  void tell() {
    take(StartRequested{Json::object({{"flag", once_in(random_, 2)}, {"number", 5}}), "key", std::nullopt, "",
                        "", std::nullopt, Json()});
    for (int turn = 0; turn < kFaultyTurns; ++turn) take_faulty_turn();
    service_.behave();
    service_.do_delayed_work();
    for (int turn = 0; turn < kQuietTurns && !is_settled(); ++turn) perform_next();
  }

  bool is_settled() const {
    const Phase phase = saga_.state().phase;
    return (phase == Phase::Ended || phase == Phase::Stuck) && saga_.state().open.empty();
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
    else if (fate <= 14)
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
  void perform(const auto& command) { FAIL("not asked for by these definitions: " << line_of(Command(command), kStart)); }
  void perform(const WakeAt& wake) {
    pass_time(std::max(wake.at, now_));
    for (const Command& command : saga_.outstanding())
      if (const auto* next = std::get_if<WakeAt>(&command))
        CHECK_MESSAGE(next->at > now_, "a wake-up that is due changes something");
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
    CHECK_MESSAGE((is_settled() || !saga_.outstanding().empty()), "something is outstanding until the end");
    now_ = now_ + Duration(1);
  }

  void check_refusal(const Input& input) { CHECK(std::holds_alternative<CancelRequested>(input)); }
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

std::uint64_t first_seed() {
  const char* given = std::getenv("SKALD_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

}  // namespace

TEST_CASE("core: every history folds to its live state, stays legal and comes to an end") {
  std::map<std::string, int> ends;
  const std::uint64_t seed = first_seed();
  for (std::uint64_t i = 0; i < kHistories; ++i) {
    History history(seed + i);
    INFO("SKALD_SEED=", seed + i, " test_core -tc='core: every history*'");
    history.tell();
    INFO(history.text());
    REQUIRE(fault_in(history.definition(), history.saga().log()) == "");
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
