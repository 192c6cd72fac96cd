// The loader of saga files. A text is a definition or has an error with a place; what was read is written as
// JSON, which is YAML, and read again as the same version; and what the loader takes, the core can carry out.
#include "engine/core/decide.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/plan.hpp"
#include "engine/core/render.hpp"
#include "sagas/definition_loader.hpp"
#include "tests/fuzz/faults.hpp"

namespace {

using namespace skald;
using namespace skald::core;

constexpr int kTurns = 40;  // enough for a few steps, their retries and their undos

class Story {
 public:
  Story(const Definition& definition, Random chance) : definition_(definition), chance_(chance) {
    state_.id = new_saga_id(now_, Partition{1}, chance_);
  }

  void tell() {
    StartRequested start;
    start.input = Json::object({{"applicantId", "a"}, {"number", 5}, {"flag", true}});
    start.business_key = "key";
    take(start);
    for (int turn = 0; turn < kTurns && !commands().empty(); ++turn) {
      if (turn == 12) take(CancelRequested{"why not", "client"});
      const auto outstanding = commands();
      if (outstanding.empty()) return;
      std::visit([&](const auto& command) { perform(command); },
                 outstanding[chance_.below(outstanding.size())]);
    }
  }

 private:
  std::vector<Command> commands() const { return plan(definition_, state_); }

  void perform(const CallService& call) {
    now_ = std::max(now_, call.not_before);
    const auto& action = std::get<HttpAction>(action_of(definition_, call.step, call.operation));
    const auto request = render(action, definition_, state_, call.step, Json(Json::Object{}));
    if (request) CHECK_THAT(request->path.starts_with('/'), "a request has a path");
    if (chance_.below(5) == 0)
      return take(CallFailed{call.step, call.operation, call.attempt, false, CallFailure::TimedOut, "late"});
    static constexpr int kStatuses[] = {200, 200, 201, 404, 409, 503};
    Answer answer;
    answer.status = kStatuses[chance_.below(std::size(kStatuses))];
    answer.headers = {{"Content-Type", "application/json"}};
    answer.body = R"({"id":"7","seats":[1,2]})";
    take(CallAnswered{call.step, call.operation, call.attempt, false, answer});
  }
  void perform(const OfferTask& task) {
    now_ = std::max(now_, task.not_before);
    if (chance_.below(3) == 0)
      return take(TaskRefused{task.step, task.operation, task.attempt, make_problem("rejected", "no"),
                              chance_.below(2) == 0});
    take(TaskDone{task.step, task.operation, task.attempt, Json::object({{"id", "7"}})});
  }
  void perform(const RunChild& run) {
    const bool completed = chance_.below(3) > 0;
    take(ChildEnded{run.step, run.operation, run.child, completed ? "completed" : "failed",
                    Json::object({{"id", "7"}}), std::nullopt});
  }
  void perform(const UndoChild& undo) {
    take(ChildEnded{undo.step, undo.operation, undo.child, "cancelled", Json(), std::nullopt});
  }
  void perform(const DeliverEvent& event) { take(EventDelivered{event.step, event.operation, 1}); }
  void perform(const KeepAwaiting&) {}  // nobody pauses here
  void perform(const PollLocation&) {}  // and nothing is answered 202
  void perform(const AwaitAnswer& awaited) {
    take(
        CallFailed{awaited.step, awaited.operation, awaited.attempt, false, CallFailure::ConnectionLost, ""});
  }
  void perform(const WakeAt& wake) {
    now_ = std::max(now_, wake.at);
    take(TimePassed{});
  }

  void take(const Input& input) {
    now_ = now_ + Duration(1'000);
    const auto decision = decide(definition_, state_, input, {now_, chance_.next(), 1, {}});
    if (!decision) return;
    for (const Event& event : decision->events) state_ = evolve(std::move(state_), event);
    if (decision->progress) state_ = note(std::move(state_), *decision->progress);
  }

  const Definition& definition_;
  Random chance_;
  Timestamp now_{1'767'225'600'000'000};
  State state_;
};

void check_definition(std::string_view text, const sagas::LoadedDefinition& loaded) {
  const std::string written = loaded.canonical.dump();
  const auto again = sagas::load_definition(written, "f", nullptr);
  CHECK_THAT(again.definition.has_value(), "what was read can be written and read again");
  CHECK_THAT(again.definition->hash == loaded.definition->hash, "it is the same version then");
  CHECK_THAT(again.canonical.canonical() == loaded.canonical.canonical(), "and the same document");
  CHECK_THAT(loaded.definition->steps.size() >= 1 && loaded.definition->steps.size() <= sagas::kMaxSteps,
             "a definition has steps, and not too many");
  Story(*loaded.definition, fuzz::chance_of(text)).tell();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  const auto loaded = sagas::load_definition(text, "f", nullptr);
  const bool has_error = fuzz::check_faults(text, loaded.faults);
  CHECK_THAT(has_error != loaded.definition.has_value(), "a definition, or an error");
  if (loaded.definition) check_definition(text, loaded);
  return 0;
}
