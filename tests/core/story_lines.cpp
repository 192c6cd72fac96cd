#include "tests/core/story_lines.hpp"

#include <set>

#include "engine/core/event_codec.hpp"

namespace skald::core::testing {
namespace {

std::string since(Timestamp at, Timestamp start) {
  return skald::to_text(at - start);
}

std::string told_problem(const Json& problem) {
  std::string text = problem.get("type").as_string();
  if (problem.find("status")) text += " " + problem.get("status").dump();
  std::string inside = problem.get("title").as_string();
  if (problem.find("detail")) inside += ": " + problem.get("detail").as_string();
  static const std::set<std::string, std::less<>> kTold = {"type", "title", "status", "detail", "step", "by"};
  for (const auto& [key, value] : problem.as_object())
    if (!kTold.contains(key)) inside += "; " + key + " " + value.dump();
  return text + " (" + inside + ")";
}

std::string told_value(const std::string& key, const Json& value, Timestamp start) {
  if (key == "error") return told_problem(value);
  if (key == "retryAt") return since(*parse_rfc3339(value.as_string()), start);
  if (key == "request")
    return value.get("method").as_string() + " " + value.get("service").as_string() +
           value.get("path").as_string();
  return value.is_string() ? value.as_string() : value.dump();
}

std::string word_of(Operation operation) {
  return operation == Operation::Action ? "" : "undo of ";
}

struct CommandTeller {
  Timestamp start;

  std::string operator()(const CallService& call) const {
    return "call " + word_of(call.operation) + call.step + ", attempt " + std::to_string(call.attempt) +
           " at " + since(call.not_before, start) + limits(call.timeout, call.give_up_at);
  }
  std::string operator()(const PollLocation& poll) const {
    return "poll " + word_of(poll.operation) + poll.step + " at " + since(poll.not_before, start) + ", " +
           poll.location + limits(std::nullopt, poll.give_up_at);
  }
  std::string operator()(const AwaitAnswer& awaited) const {
    return "await answer of " + word_of(awaited.operation) + awaited.step + ", attempt " +
           std::to_string(awaited.attempt);
  }
  std::string operator()(const WakeAt& wake) const { return "wake at " + since(wake.at, start); }

 private:
  std::string limits(const std::optional<Duration>& timeout,
                     const std::optional<Timestamp>& give_up_at) const {
    std::string text;
    if (timeout) text += ", timeout " + skald::to_text(*timeout);
    if (give_up_at) text += ", until " + since(*give_up_at, start);
    return text;
  }
};

}  // namespace

std::string line_of(const Event& event, Timestamp start) {
  // The hash of the definition would change with every word of it.
  static const std::set<std::string, std::less<>> kNotTold = {"step", "kind", "definition", "requestHash"};
  const Json payload = payload_of(event.fact);
  std::string line(type_name(event.fact));
  if (payload.find("step")) line += " " + payload.get("step").as_string();
  std::string separator = ": ";
  for (const auto& [key, value] : payload.as_object()) {
    if (kNotTold.contains(key)) continue;
    line += separator + key + " " + told_value(key, value, start);
    separator = ", ";
  }
  return line;
}

std::string line_of(const Command& command, Timestamp start) {
  return std::visit(CommandTeller{start}, command);
}

}  // namespace skald::core::testing
