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

// A child's id holds chance.
std::string told_request(const Json& request) {
  if (request.find("method"))
    return request.get("method").as_string() + " " + request.get("service").as_string() +
           request.get("path").as_string();
  Json::Object told;
  for (const auto& [key, value] : request.as_object())
    if (key != "child") told.append(key, value);
  return Json(told).dump();
}

std::string told_value(const std::string& key, const Json& value, Timestamp start) {
  if (key == "error") return told_problem(value);
  if (key == "retryAt" || key == "until") return since(*parse_rfc3339(value.as_string()), start);
  if (key == "request") return told_request(value);
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
  std::string operator()(const KeepAwaiting& awaited) const {
    return "keep awaiting " + word_of(awaited.operation) + awaited.step + ", attempt " +
           std::to_string(awaited.attempt);
  }
  std::string operator()(const OfferTask& task) const {
    return "offer " + word_of(task.operation) + task.step + " in " + task.queue + ", attempt " +
           std::to_string(task.attempt) + " at " + since(task.not_before, start) +
           limits(task.timeout, task.give_up_at);
  }
  std::string operator()(const RunChild& child) const {
    return "run the child of " + word_of(child.operation) + child.step;
  }
  std::string operator()(const UndoChild& child) const {
    return std::string(child.operation == Operation::Action ? "cancel" : "undo") + " the child of " +
           child.step;
  }
  std::string operator()(const DeliverEvent& event) const {
    return "deliver the event of " + word_of(event.operation) + event.step;
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
  // The hash of the definition would change with every word of it, and its number says nothing here.
  static const std::set<std::string, std::less<>> kNotTold = {"step", "kind", "definition", "version",
                                                              "requestHash"};
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
