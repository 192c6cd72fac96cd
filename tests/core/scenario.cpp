#include "tests/core/scenario.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <sstream>

#include "engine/core/start_answer.hpp"
#include "sagas/definition_loader.hpp"
#include "tests/core/story_lines.hpp"
#include "tests/core/told_saga.hpp"

namespace skald::core::testing {
namespace {

constexpr Timestamp kStart{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z
constexpr std::uint64_t kMiddle = 1ull << 63;       // the chance that adds no jitter
constexpr std::string_view kMargin = "    ";

// The words of one line, taken from its beginning.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string next() {
    skip_spaces();
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }
  // "[Name: value]", if such a thing comes next.
  std::optional<std::pair<std::string, std::string>> next_header() {
    skip_spaces();
    if (!rest_.starts_with('[')) return std::nullopt;
    const std::string_view inside = rest_.substr(1, rest_.find(']') - 1);
    const std::size_t colon = inside.find(": ");
    REQUIRE_MESSAGE(colon != std::string_view::npos, "a header is [Name: value]: ", inside);
    rest_.remove_prefix(inside.size() + 2);
    return std::pair(std::string(inside.substr(0, colon)), std::string(inside.substr(colon + 2)));
  }
  std::string rest() {
    skip_spaces();
    return std::string(std::exchange(rest_, ""));
  }

 private:
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  std::string_view rest_;
};

Definition load(const std::string& yaml, const std::string& file) {
  auto loaded = sagas::load_definition(yaml, file, nullptr);
  std::string faults;
  for (const sagas::Fault& fault : loaded.faults)
    if (!fault.warning) faults += sagas::to_text(fault) + "\n";
  REQUIRE_MESSAGE(loaded.definition.has_value(), faults);
  return std::move(*loaded.definition);
}

std::string_view word_of(StartAnswer answer) {
  switch (answer) {
    case StartAnswer::Created: return "created";
    case StartAnswer::Refused: return "refused";
    case StartAnswer::Cancelled: return "cancelled";
    case StartAnswer::Unavailable: return "unavailable";
  }
  return "";
}

class Player {
 public:
  explicit Player(const Definition& definition) : saga_(definition) {}

  // One line of the story: what came of it, line by line.
  std::string play(std::string_view line) {
    Words words(line);
    const std::string verb = words.next();
    if (verb == "chance") return set_chance(words.next());
    REQUIRE_MESSAGE(verb == "at", "a line of the story begins with \"at\" or \"chance\": ", line);
    const auto time = parse_duration(words.next());
    REQUIRE_MESSAGE(time.has_value(), line);
    now_ = kStart + *time;
    if (line.ends_with(" crash")) return saga_.crash(), told({});
    return tell(saga_.take(input(words), {now_, chance_, 1, {}}));
  }

 private:
  std::string set_chance(const std::string& share) {
    chance_ = static_cast<std::uint64_t>(std::stod(share) * 18446744073709549568.0);
    return "";
  }

  Input input(Words& words) {
    const std::string verb = words.next();
    if (verb == "start") return start(words);
    if (verb == "answer") return reply(words, false);
    if (verb == "poll") return reply(words, true);
    if (verb == "time") return TimePassed{};
    if (verb == "unstorable") return AppendRefused{words.rest()};
    if (verb == "signal") return event(words, "");
    if (verb == "event") return event(words, "key");
    if (verb == "done" || verb == "refuse" || verb == "fail") return task(words, verb);
    if (verb == "circuit") return circuit(words);
    if (verb == "child") return child(words);
    if (verb == "delivered") return delivered(words);
    if (verb == "undeliverable") return undeliverable(words);
    return asked(verb, words);
  }

  // "cancel by ann: reason", "retry by ann STEP", "skip by ann STEP OUTPUT", "skip by ann STEP done"
  Input asked(const std::string& verb, Words& words) {
    REQUIRE_MESSAGE(words.next() == "by", "no such input: ", verb);
    std::string by = words.next();
    if (by.ends_with(':')) by.pop_back();
    if (verb == "cancel") return CancelRequested{words.rest(), by};
    if (verb == "parent") return CancelRequested{words.rest(), by, true};
    if (verb == "retry") return OperatorRetry{words.next(), by, words.rest()};
    if (verb == "compensate") return OperatorUndo{by, words.rest()};
    if (verb == "pause") return OperatorPause{by, words.rest()};
    if (verb == "resume") return OperatorResume{by, words.rest()};
    if (verb == "terminate") return OperatorTerminate{by, words.rest()};
    REQUIRE_MESSAGE(verb == "skip", "no such input: ", verb);
    const StepPath step = words.next();
    const std::string what = words.rest();
    if (what == "done") return OperatorSkip{step, Json(), true, by, ""};
    return OperatorSkip{step, json(what), false, by, ""};
  }

  static Json json(const std::string& text) {
    const auto value = parse_json(text.empty() ? "null" : text);
    REQUIRE_MESSAGE(value.has_value(), text);
    return *value;
  }

  // "NAME [#ID] DATA"
  Input event(Words& words, const std::string& key) {
    const std::string name = words.next();
    std::string data = words.rest(), id;
    if (data.starts_with('#')) {
      id = data.substr(1, data.find(' ') - 1);
      data = data.substr(data.find(' ') + 1);
    }
    return EventArrived{name, json(data), id, id.empty() ? "" : "test", key};
  }

  // "[undo of] STEP": the operation, and the step.
  static std::pair<Operation, std::string> operation(Words& words) {
    std::string step = words.next();
    if (step != "undo") return {Operation::Action, step};
    REQUIRE(words.next() == "of");
    return {Operation::Compensate, words.next()};
  }

  // "done STEP OUTPUT", "refuse STEP why", "fail STEP why" (worth another attempt)
  Input task(Words& words, const std::string& verb) {
    auto [operation, step] = this->operation(words);
    const std::uint32_t attempt = take_attempt(step);
    if (verb == "done") return TaskDone{step, operation, attempt, json(words.rest())};
    return TaskRefused{step, operation, attempt, make_problem(problem_type::kRejected, words.rest()),
                       verb == "fail"};
  }

  // "circuit STEP until 5s"
  Input circuit(Words& words) {
    auto [operation, step] = this->operation(words);
    REQUIRE(words.next() == "until");
    return CircuitOpened{step, operation, kStart + *parse_duration(words.next())};
  }

  // "child STEP STATUS OUTPUT": of the child that the step asked for last
  Input child(Words& words) {
    auto [operation, step] = this->operation(words);
    const StepState* state = saga_.state().find_step(step);
    REQUIRE_MESSAGE(state != nullptr, step);
    const auto& request = operation == Operation::Action ? state->request : state->undo_request;
    const std::string status = words.next();
    return ChildEnded{step,   operation,          request.child.value_or(SagaId{}),
                      status, json(words.rest()), std::nullopt};
  }

  // "delivered STEP to 2"
  Input delivered(Words& words) {
    auto [operation, step] = this->operation(words);
    REQUIRE(words.next() == "to");
    return EventDelivered{step, operation, static_cast<std::uint32_t>(std::stoi(words.next()))};
  }

  // "undeliverable STEP why"
  Input undeliverable(Words& words) {
    auto [operation, step] = this->operation(words);
    return EventDelivered{step, operation, 0, make_problem(problem_type::kRejected, words.rest())};
  }

  Input start(Words& words) {
    const std::string text = words.rest();
    const auto input = parse_json(text.empty() ? "null" : text);
    REQUIRE_MESSAGE(input.has_value(), text);
    return StartRequested{*input, "key", std::nullopt, "", "", std::nullopt, Json()};
  }

  // "[undo of] STEP[#ATTEMPT] STATUS [Name: value]… BODY", or a failure's word in place of the status.
  Input reply(Words& words, bool poll) {
    auto [operation, step] = this->operation(words);
    const std::uint32_t attempt = take_attempt(step);
    const std::string what = words.next();
    static const std::map<std::string, CallFailure> kFailures = {{"unsent", CallFailure::NotSent},
                                                                 {"timeout", CallFailure::TimedOut},
                                                                 {"lost", CallFailure::ConnectionLost},
                                                                 {"garbled", CallFailure::BadAnswer}};
    if (const auto failure = kFailures.find(what); failure != kFailures.end())
      return CallFailed{step, operation, attempt, poll, failure->second, words.rest()};
    Answer answer{std::stoi(what), {}, ""};
    while (auto header = words.next_header()) answer.headers.push_back(*header);
    answer.body = words.rest();
    const bool json = answer.body.starts_with('{') || answer.body.starts_with('[');
    answer.headers.emplace_back("Content-Type", json ? "application/json" : "text/plain");
    return CallAnswered{step, operation, attempt, poll, answer};
  }

  // Of the attempt named after '#', else of the one under way.
  std::uint32_t take_attempt(std::string& step) {
    if (const std::size_t hash = step.find('#'); hash != std::string::npos) {
      const auto attempt = static_cast<std::uint32_t>(std::stoi(step.substr(hash + 1)));
      step.resize(hash);
      return attempt;
    }
    return saga_.state().find_step(step) ? saga_.state().attempts_of(step).current() : 1;
  }

  std::string tell(const Result<Decision>& decision) {
    if (!decision) return std::string(kMargin) + "! " + decision.error().message + "\n";
    return told(decision->events) + told_answer();
  }

  std::string told(const std::vector<Event>& events) const {
    std::string lines;
    for (const Event& event : events) lines += std::string(kMargin) + "+ " + line_of(event, kStart) + "\n";
    if (events.empty()) lines += std::string(kMargin) + "no events\n";
    for (const Command& command : saga_.outstanding())
      lines += std::string(kMargin) + "> " + line_of(command, kStart) + "\n";
    return lines;
  }

  std::string told_answer() {
    const auto answer = start_answer(saga_.definition(), saga_.state());
    if (!saga_.definition().answer_after || answer == answered_) return "";
    REQUIRE_MESSAGE(!answered_, "the answer to a start never changes");
    answered_ = answer;
    return std::string(kMargin) + "< the start is answered: " + std::string(word_of(*answer)) + "\n";
  }

  ToldSaga saga_;
  Timestamp now_ = kStart;
  std::uint64_t chance_ = kMiddle;
  std::optional<StartAnswer> answered_;
};

bool is_kept(const std::string& line) {
  return !line.starts_with(kMargin);
}
bool is_played(const std::string& line) {
  return !line.empty() && line.front() != '#';
}

}  // namespace

std::string play_scenario(std::string_view text, const std::string& file) {
  std::istringstream lines{std::string(text)};
  std::string line, yaml, played;
  while (std::getline(lines, line) && line != "---") yaml += line + "\n";
  const Definition definition = load(yaml, file);
  Player player(definition);
  while (std::getline(lines, line)) {
    if (!is_kept(line)) continue;
    played += line + "\n";
    if (is_played(line)) played += player.play(line);
  }
  return yaml + "---\n" + played;
}

}  // namespace skald::core::testing
