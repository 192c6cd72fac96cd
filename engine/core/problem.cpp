#include "engine/core/problem.hpp"

#include <array>
#include <utility>

namespace skald::core {
namespace {

std::string_view title_of(std::string_view type) {
  using namespace problem_type;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTitles = {{
      {kRejected, "The service refused"},
      {kTimeout, "No answer in time"},
      {kUnreachable, "The service could not be asked"},
      {kCircuitOpen, "The service is kept from further calls"},
      {kInvalidAnswer, "The answer cannot be used"},
      {kInvalidInput, "The input does not fit"},
      {kExpression, "An expression failed"},
      {kCancelled, "Cancelled"},
      {kDeadline, "The deadline of the saga has passed"},
      {kExhausted, "All attempts failed"},
      {kCompensationFailed, "The undo of a step failed"},
      {kFail, "Refused"},
      {kTerminated, "Terminated"},
      {kUnstorable, "The database cannot keep this"},
  }};
  for (const auto& [known, title] : kTitles)
    if (known == type) return title;
  return type;
}

void set_unless_empty(Json::Object& object, const char* key, const std::string& text) {
  if (!text.empty()) object.set(key, text);
}

}  // namespace

Problem make_problem(std::string_view type, std::string detail) {
  Problem problem;
  problem.type = type;
  problem.title = title_of(type);
  problem.detail = std::move(detail);
  return problem;
}

Json to_json(const Problem& problem) {
  Json::Object object;
  set_unless_empty(object, "type", problem.type);
  set_unless_empty(object, "title", problem.title);
  if (problem.status) object.set("status", *problem.status);
  set_unless_empty(object, "detail", problem.detail);
  set_unless_empty(object, "step", problem.step);
  set_unless_empty(object, "by", problem.by);
  set_unless_empty(object, "event", problem.event);
  if (problem.extensions.is_object())
    for (const auto& [key, value] : problem.extensions.as_object())
      if (!object.find(key)) object.set(key, value);
  return object;
}

Problem problem_from_json(const Json& json) {
  Problem problem;
  if (!json.is_object()) return problem;
  static constexpr std::array<std::pair<std::string_view, std::string Problem::*>, 6> kTexts = {{
      {"type", &Problem::type},
      {"title", &Problem::title},
      {"detail", &Problem::detail},
      {"step", &Problem::step},
      {"by", &Problem::by},
      {"event", &Problem::event},
  }};
  Json::Object extensions;
  for (const auto& [key, value] : json.as_object()) {
    bool taken = false;
    if (value.is_string())
      for (const auto& [name, member] : kTexts)
        if (name == key) problem.*member = value.as_string(), taken = true;
    if (key == "status" && value.is_number())
      if (const auto status = value.as_integer(); status && *status >= 100 && *status <= 599)
        problem.status = static_cast<int>(*status), taken = true;
    if (!taken) extensions.append(key, value);
  }
  if (!extensions.empty()) problem.extensions = std::move(extensions);
  return problem;
}

}  // namespace skald::core
