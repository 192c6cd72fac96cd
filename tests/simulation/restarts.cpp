#include "tests/simulation/restarts.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>
#include <vector>

#include "engine/core/decide.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/plan.hpp"
#include "sagas/definition_loader.hpp"
#include "tests/core/legal_log.hpp"
#include "tests/core/story_lines.hpp"
#include "tests/simulation/random_saga.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;
using namespace skald::core;

namespace {

constexpr Timestamp kBegin{1'763'700'000'000'000};
// Five steps, a few attempts and polls each, and the same for their undo; a saga that takes more does not
// end.
constexpr int kMostTurns = 2'000;
// Later attempts succeed: then every attempt that fails is recorded (semantics.md section 1: 1–5), and a
// restart forgets no more than polls.
constexpr std::uint32_t kFailingAttempts = 4;

enum class Life { Lives, DiesAfterEveryAppend };

// What the world does, by what is asked and not by when: a second asking is answered as the first one.
class World {
 public:
  explicit World(std::uint64_t seed) : seed_(seed) {}

  Random chance(const std::string& what) const {
    std::uint64_t mixed = seed_ ^ 0x9e3779b97f4a7c15;
    for (const char c : what) mixed = (mixed ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    return Random(mixed);
  }

  // When the answer to a call is there that is made now. A service goes on while the engine starts again.
  Timestamp answered_at(const CallService& call, Timestamp now) {
    const std::string name = name_of(call.step, call.operation) + "#" + std::to_string(call.attempt);
    const Timestamp first = first_asked_.try_emplace(name, now).first->second;
    Random random = chance(name + " time");
    Duration takes(1'000 + static_cast<std::int64_t>(random.below(50'000)));
    if (is_failing(call) && failure_of(call) == CallFailure::TimedOut) takes = call.timeout.value_or(5s);
    if (call.give_up_at) takes = std::clamp(*call.give_up_at - first, Duration(1), takes);
    return std::max(now, first + takes);
  }

  Input answer(const CallService& call, Timestamp now) {
    if (is_failing(call))
      return CallFailed{call.step, call.operation, call.attempt, false, failure_of(call), "", was_sent()};
    const int status = status_of(call);
    Answer answer{status, {{"Content-Type", "application/json"}}, status == 200 ? R"({"id":"x"})" : ""};
    if (status == 202) {
      const std::string name = name_of(call.step, call.operation);
      answer.headers.emplace_back("Location", "/jobs/" + name);
      ready_.try_emplace(name,
                         now + Duration(static_cast<std::int64_t>(chance(name + " job").below(8'000'000))));
    }
    return CallAnswered{call.step, call.operation, call.attempt, false, answer, was_sent()};
  }

  Input answer(const PollLocation& poll, Timestamp now) const {
    const std::string name = name_of(poll.step, poll.operation);
    const bool refused = poll.operation == core::Operation::Action && chance(name + " end").below(6) == 0;
    const int status = now < ready_.at(name) ? 202 : refused ? 422 : 200;
    Answer answer{status, {{"Content-Type", "application/json"}}, status == 200 ? R"({"id":"x"})" : ""};
    if (status == 202) answer.headers.emplace_back("Location", poll.location);
    return CallAnswered{poll.step, poll.operation, poll.attempt, true, answer, was_sent()};
  }

  // When what is asked of workers and of other sagas has come to its end.
  Timestamp ended_at(const std::string& what, Timestamp now) {
    const Timestamp first = first_asked_.try_emplace(what, now).first->second;
    return std::max(now,
                    first + Duration(static_cast<std::int64_t>(chance(what + " time").below(9'000'000))));
  }

  Input answer(const OfferTask& task) const {
    const std::string name = name_of(task.step, task.operation) + "#" + std::to_string(task.attempt);
    const std::uint64_t fate = task.attempt > kFailingAttempts ? 99 : chance(name).below(12);
    if (fate == 0)
      return CallFailed{task.step, task.operation, task.attempt, false, CallFailure::TimedOut,
                        "",        was_sent()};
    if (fate <= 2)
      return TaskRefused{task.step, task.operation, task.attempt, make_problem("no", "said by a worker"),
                         fate == 1};
    return TaskDone{task.step, task.operation, task.attempt, Json(7)};
  }
  Input answer(const RunChild& child) const {
    return end_of(child.step, child.operation, child.child, "run", "completed");
  }
  Input answer(const UndoChild& child) const {
    return end_of(child.step, child.operation, child.child, "undo", "cancelled");
  }
  Input answer(const DeliverEvent& event) const {
    const auto reached = chance(name_of(event.step, event.operation)).below(3);
    return EventDelivered{event.step, event.operation, static_cast<std::uint32_t>(reached)};
  }
  // The event that comes when the log has so many events of its own, if one comes then.
  std::optional<Input> event_at(std::size_t events) const {
    Random random = chance("event at " + std::to_string(events));
    if (random.below(4) != 0) return std::nullopt;
    return event_of(kEvents[random.below(std::size(kEvents))], static_cast<std::int64_t>(random.below(9)));
  }
  static Input event_of(const std::string& name, std::int64_t number) {
    return EventArrived{name, Json::object({{"number", number}}), "", "", "k"};
  }

  // Whether an engine that starts again would have to reckon with an attempt sent before; told to both.
  bool was_sent() const { return seed_ % 2 == 0; }
  // After so many events the client thinks better of it.
  std::size_t cancelled_after() const {
    Random random = chance("cancel");
    return random.below(3) == 0 ? 1 + random.below(12) : 1'000;
  }

 private:
  static std::string name_of(const StepPath& step, core::Operation operation) {
    return step + "-" + std::string(to_text(operation));
  }
  Random chance(const CallService& call) const {
    return chance(name_of(call.step, call.operation) + "#" + std::to_string(call.attempt));
  }
  Input end_of(const StepPath& step, core::Operation operation, SagaId child, const std::string& how,
               const char* well) const {
    static constexpr const char* kEnds[] = {"completed", "compensated", "cancelled", "failed", "refused"};
    Random random = chance(name_of(step, operation) + " " + how);
    const bool badly = random.below(4) == 0;
    const char* status = badly ? kEnds[random.below(std::size(kEnds))] : well;
    return ChildEnded{step, operation, child, status, Json(1), std::nullopt};
  }
  bool is_failing(const CallService& call) const {
    return call.attempt <= kFailingAttempts && chance(call).below(4) == 0;
  }
  CallFailure failure_of(const CallService& call) const {
    Random random = chance(call);
    random.next();
    static constexpr CallFailure kFailures[] = {CallFailure::NotSent, CallFailure::TimedOut,
                                                CallFailure::ConnectionLost, CallFailure::BadAnswer};
    return kFailures[random.below(std::size(kFailures))];
  }
  int status_of(const CallService& call) const {
    if (call.attempt <= kFailingAttempts && chance(call).below(8) == 1) return 503;
    const auto fate = chance(name_of(call.step, call.operation)).below(20);
    if (fate == 0) return 422;
    if (fate == 1) return call.operation == core::Operation::Action ? 409 : 404;
    return fate < 5 ? 202 : 200;
  }

  std::uint64_t seed_;
  std::map<std::string, Timestamp> first_asked_, ready_;
};

class Telling {
 public:
  Telling(const Definition& definition, std::uint64_t seed, Life life)
      : definition_(definition), world_(seed), life_(life) {
    Random random(seed);
    state_.id = id_ = new_saga_id(kBegin, Partition{1}, random);
  }

  void tell() {
    StartRequested start;
    start.input = Json::object({{"key", "k"}, {"flag", world_.was_sent()}, {"number", 5}});
    start.business_key = "k";
    take(start, "start");
    for (int turn = 0; turn < kMostTurns && (!under_way_.empty() || waits_for()); ++turn) {
      if (events_told_.insert(log_.size()).second)
        if (const auto event = world_.event_at(log_.size())) {
          take(*event, "event");
          continue;
        }
      if (!is_cancelled_ && log_.size() >= world_.cancelled_after()) {
        is_cancelled_ = true;
        take(CancelRequested{"not wanted any more", "client"}, "cancel");
        continue;
      }
      if (under_way_.empty()) {
        take(World::event_of(*waits_for(), 9), "event");
        continue;
      }
      // Of those due at once the order is that of the plan, which a restart does not change.
      const auto next = std::min_element(
          under_way_.begin(), under_way_.end(),
          [](const auto& a, const auto& b) { return std::pair(a.at, a.name) < std::pair(b.at, b.name); });
      now_ = std::max(now_, next->at);
      const Command command = next->command;
      under_way_.erase(next);
      std::visit([this](const auto& due) { perform(due); }, command);
    }
  }

  const std::vector<Event>& log() const { return log_; }
  const State& state() const { return state_; }
  bool has_ended() const { return under_way_.empty(); }
  std::uint64_t restarts = 0, notes_lost = 0;

 private:
  struct UnderWay {
    Command command;
    std::string name;
    Timestamp at;  // when it is reported
  };

  void perform(const CallService& call) { take(world_.answer(call, now_), call.step); }
  void perform(const PollLocation& poll) { take(world_.answer(poll, now_), poll.step); }
  void perform(const WakeAt&) { take(TimePassed{}, "wake"); }
  // Nobody pauses these sagas.
  void perform(const KeepAwaiting& awaited) { throw std::logic_error("not asked for: " + awaited.step); }
  void perform(const auto& asked) { take(world_.answer(asked), asked.step); }
  // Whether anybody still remembers the call would be the one difference between the two lives.
  void perform(const AwaitAnswer& awaited) {
    take(CallFailed{awaited.step, awaited.operation, awaited.attempt, false, CallFailure::ConnectionLost, "",
                    world_.was_sent()},
         awaited.step);
  }

  void take(const Input& input, const std::string& what) {
    // Jitter by what it is for: a poll more in one life must not change the chances of everything behind it.
    Random random = world_.chance(what + " at event " + std::to_string(log_.size()));
    const auto decision = decide(definition_, state_, input, {now_, random.next(), 1, {}});
    if (!decision) return plan_anew();
    for (const Event& event : decision->events) {
      state_ = evolve(std::move(state_), event);
      log_.push_back(event);
    }
    if (decision->progress) state_ = note(std::move(state_), *decision->progress);
    if (!decision->events.empty() && life_ == Life::DiesAfterEveryAppend) die();
    plan_anew();
  }

  void die() {
    ++restarts;
    notes_lost += state_.noted.empty() ? 0 : 1;
    under_way_.clear();
    state_ = {};
    state_.id = id_;
    for (const Event& event : log_) state_ = evolve(std::move(state_), read_back(event));
  }
  static Event read_back(const Event& event) {
    const auto payload = parse_json(payload_of(event.fact).dump());
    return {event.time, fact_from(type_name(event.fact), payload.value()).value()};
  }

  void plan_anew() {
    const auto wanted = plan(definition_, state_);
    std::erase_if(under_way_, [&](const UnderWay& one) {
      return std::find(wanted.begin(), wanted.end(), one.command) == wanted.end();
    });
    for (const Command& command : wanted) {
      const bool known = std::any_of(under_way_.begin(), under_way_.end(),
                                     [&](const UnderWay& one) { return one.command == command; });
      if (known) continue;
      const std::string name = std::visit([](const auto& c) { return name_of(c); }, command);
      under_way_.push_back({command, name, std::visit([&](const auto& c) { return due(c, name); }, command)});
    }
  }
  static std::string name_of(const WakeAt&) { return ""; }
  static std::string name_of(const auto& command) {
    return command.step + "-" + std::string(to_text(command.operation));
  }
  // The event that a step waits for, without a time at which it would go on by itself.
  std::optional<std::string> waits_for() const {
    if (state_.phase == Phase::Ended || state_.is_held()) return std::nullopt;
    for (const auto& [path, nothing] : state_.open)
      if (const StepState& step = *state_.find_step(path); step.waiting == "event" && !step.until)
        return step.request.event;
    return std::nullopt;
  }
  Timestamp due(const CallService& call, const std::string&) {
    return world_.answered_at(call, std::max(now_, call.not_before));
  }
  Timestamp due(const PollLocation& poll, const std::string&) {
    return std::max(now_, poll.not_before) + 10ms;
  }
  Timestamp due(const AwaitAnswer&, const std::string&) { return now_; }
  Timestamp due(const WakeAt& wake, const std::string&) { return std::max(now_, wake.at); }
  Timestamp due(const OfferTask& task, const std::string& name) {
    return world_.ended_at(name + "#" + std::to_string(task.attempt), std::max(now_, task.not_before));
  }
  Timestamp due(const UndoChild&, const std::string& name) { return world_.ended_at(name + " undo", now_); }
  Timestamp due(const auto&, const std::string& name) { return world_.ended_at(name, now_); }

  const Definition& definition_;
  World world_;
  Life life_;
  SagaId id_;
  Timestamp now_ = kBegin;
  State state_;
  std::vector<Event> log_;
  std::vector<UnderWay> under_way_;
  std::set<std::size_t> events_told_;
  bool is_cancelled_ = false;
};

// An event without its times.
std::string line_of(const Event& event) {
  const Json payload = payload_of(event.fact);
  Json::Object timeless;
  for (const auto& [key, value] : payload.as_object())
    if (key != "retryAt") timeless.append(key, value);
  return std::string(type_name(event.fact)) + " " + Json(std::move(timeless)).dump();
}

std::vector<std::string> lines_of(const std::vector<Event>& log) {
  std::vector<std::string> lines;
  for (const Event& event : log) lines.push_back(line_of(event));
  return lines;
}

// The same events, whatever the order of branches side by side: each step's own events in their order. With
// the order the chance changes that a child has its id from.
std::vector<std::string> by_step(const std::vector<Event>& log) {
  std::map<std::string, std::vector<std::string>> steps;
  for (Event event : log) {
    if (auto* asked = std::get_if<StepRequested>(&event.fact)) asked->request.child.reset();
    if (auto* asked = std::get_if<CompensationRequested>(&event.fact)) asked->request.child.reset();
    const Json step = payload_of(event.fact).get("step");
    steps[step.is_string() ? step.as_string() : ""].push_back(line_of(event));
  }
  std::vector<std::string> all;
  for (const auto& [step, lines] : steps) all.insert(all.end(), lines.begin(), lines.end());
  return all;
}

std::string difference(const Telling& living, const Telling& dying) {
  const auto one = lines_of(living.log()), other = lines_of(dying.log());
  const auto [a, b] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  const std::size_t number = static_cast<std::size_t>(a - one.begin()) + 1;
  std::string text = "with a restart after every event, event " + std::to_string(number) + " is " +
                     (b == other.end() ? "missing" : *b) + " instead of " + (a == one.end() ? "none" : *a) +
                     "\n  without a restart:";
  for (const Event& event : living.log()) text += "\n    " + testing::line_of(event, kBegin);
  text += "\n  with restarts:";
  for (const Event& event : dying.log()) text += "\n    " + testing::line_of(event, kBegin);
  return text;
}

Definition random_definition(std::uint64_t seed, std::string& source) {
  Chance chance(seed);
  const bool all_kinds = !chance.one_in(3);
  source = random_saga(chance, "random", {all_kinds, all_kinds ? "child" : "", false});
  auto loaded = sagas::load_definition(source, "random.saga.yaml", nullptr);
  if (!loaded.definition) throw std::logic_error("a random saga is not valid:\n" + source);
  loaded.definition->version = 1;
  return std::move(*loaded.definition);
}

}  // namespace

std::optional<std::string> compare_restarts(std::uint64_t seed, RestartCounts& counts) {
  std::string source;
  const Definition definition = random_definition(seed, source);
  Telling living(definition, seed, Life::Lives), dying(definition, seed, Life::DiesAfterEveryAppend);
  living.tell();
  dying.tell();

  ++counts.sagas;
  counts.events += dying.log().size();
  counts.restarts += dying.restarts;
  counts.notes_lost += dying.notes_lost;
  ++counts.ends[status_of(dying.state())];
  if (!living.has_ended() || !dying.has_ended()) return "it does not end\n" + source;
  if (const auto fault = testing::fault_in(definition, dying.log()); !fault.empty())
    return fault + "\n" + source;
  if (lines_of(living.log()) == lines_of(dying.log())) return std::nullopt;
  if (dying.notes_lost > 0 && by_step(living.log()) == by_step(dying.log())) {
    ++counts.reordered;
    return std::nullopt;
  }
  return difference(living, dying) + "\n" + source;
}

}  // namespace skald::simulation
