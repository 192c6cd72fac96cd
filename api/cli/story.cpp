// The story of a saga as lines for people: what each event means, in a few words.
#include <map>

#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

// What is asked of whom: "POST enrollment /enrollments", "task queue packing", "waitFor event payment".
std::string request_of(const Json& event) {
  const Json request = event.get("request");
  if (!request.get("method").is_null())
    return cell(request, "method") + " " + cell(request, "service") + " " + cell(request, "path");
  std::string text = cell(event, "kind");
  for (const char* named : {"queue", "definition", "child", "event", "key", "items"})
    if (const auto value = cell(request, named); !value.empty())
      text += std::string(" ") + named + " " + value;
  return text;
}

std::string because(const Json& event) {
  const auto reason = cell(event, "reason");
  return reason.empty() ? "" : ": " + reason;
}

std::string error_of(const Json& event) {
  const Json error = event.get("error");
  const auto title = cell(error, "title"), detail = cell(error, "detail");
  return cell(error, "type") + (title.empty() ? "" : ": " + title) + (detail.empty() ? "" : ": " + detail);
}

std::string in_doubt(const Json& event) {
  return event.get("possiblyDone") == Json(true) ? ", possibly done" : "";
}

std::string by(const Json& event) {
  const auto who = cell(event, "by");
  return who.empty() ? "" : " by " + who;
}

std::string attempts(const Json& event) {
  const auto count = cell(event, "attempts");
  return count.empty() || count == "1" ? "" : " after " + count + " attempts";
}

std::string output_of(const Json& event) {
  const Json output = event.get("output");
  return output.is_null() ? "" : " " + output.dump();
}

using Teller = std::string (*)(const Json&);

const std::map<std::string, Teller, std::less<>>& tellers() {
  static const std::map<std::string, Teller, std::less<>> all{
      {"SagaStarted", [](const Json& e) { return "started" + by(e) + " with " + cell(e, "input"); }},
      {"StepRequested", [](const Json& e) { return request_of(e); }},
      {"StepAccepted", [](const Json& e) { return "accepted; asking at " + cell(e, "location"); }},
      {"AttemptFailed",
       [](const Json& e) {
         return "attempt " + cell(e, "attempt") + " failed, " + error_of(e) + in_doubt(e) + "; again at " +
                shown_time(e.get("retryAt"));
       }},
      {"StepSucceeded", [](const Json& e) { return "done" + attempts(e) + output_of(e); }},
      {"StepFailed",
       [](const Json& e) { return "given up" + attempts(e) + ", " + error_of(e) + in_doubt(e); }},
      {"StepSkipped", [](const Json& e) { return "skipped" + by(e) + because(e); }},
      {"CompensationStarted", [](const Json& e) { return "undo begins" + by(e) + ", " + error_of(e); }},
      {"CompensationRequested", [](const Json& e) { return "undo: " + request_of(e); }},
      {"StepCompensated",
       [](const Json& e) {
         const auto answer = cell(e, "answer");
         return "undone" + attempts(e) + (answer.empty() ? "" : " (" + answer + ")");
       }},
      {"CompensationFailed",
       [](const Json& e) { return "undo given up" + attempts(e) + ", " + error_of(e); }},
      {"StepWaiting",
       [](const Json& e) {
         const auto until = shown_time(e.get("until"));
         return "waits for " + cell(e, "reason") + (until.empty() ? "" : " until " + until);
       }},
      {"EventReceived",
       [](const Json& e) {
         return "event " + cell(e, "name") + " from " + cell(e, "source") + " " + cell(e, "data");
       }},
      {"RetryRequested", [](const Json& e) { return "retry asked" + by(e) + because(e); }},
      {"SagaPaused", [](const Json& e) { return "paused" + by(e) + because(e); }},
      {"SagaResumed", [](const Json& e) { return "resumed" + by(e) + because(e); }},
      {"SagaStuck", [](const Json& e) { return "a person has to decide, " + error_of(e); }},
      {"SagaEnded",
       [](const Json& e) {
         const auto undo = cell(e, "undo");
         return painted(cell(e, "status")) + (undo.empty() || undo == "none" ? "" : ", undo " + undo) +
                output_of(e);
       }},
  };
  return all;
}

// Long outputs and inputs are cut: the story is read line by line, and `-o json` has everything.
std::string detail_of(const Json& event) {
  constexpr std::size_t kLongestDetail = 160;
  const auto teller = tellers().find(cell(event, "type"));
  std::string text = teller == tellers().end() ? event.dump() : teller->second(event);
  if (text.size() <= kLongestDetail) return text;
  std::size_t end = kLongestDetail;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string story_text(const Json::Array& events) {
  Table table{{"TIME", "WHAT", "STEP", "DETAIL"}, {}};
  for (const auto& event : events)
    table.rows.push_back(
        {shown_time(event.get("time")), cell(event, "type"), cell(event, "step"), detail_of(event)});
  return table_text(table);
}

std::string story_line(const Json& event) {
  constexpr std::size_t kTimeWidth = 23, kTypeWidth = 21,
                        kStepWidth = 16;  // the longest type is CompensationRequested
  std::string line;
  const auto add = [&line](std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    line += text + "  ";
  };
  add(shown_time(event.get("time")), kTimeWidth);
  add(cell(event, "type"), kTypeWidth);
  add(cell(event, "step"), kStepWidth);
  return line + detail_of(event) + "\n";
}

}  // namespace skald::api
