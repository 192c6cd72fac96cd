#include "engine/core/response.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>

namespace skald::core {
namespace {

// What is kept of a problem stands in an event, and is read by people.
constexpr std::size_t kLargestProblem = 16 * 1024;
constexpr std::size_t kLongestTextProblem = 1024;
// The log keeps 64 levels, and the event that will hold the body is one of them.
constexpr std::size_t kMaxBodyDepth = JsonLimits{}.max_depth - 1;
// A service that asks for more is taken to have made an error: the saga would look dead.
constexpr Duration kLongestRetryAfter = std::chrono::hours(24);

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(const Answer& answer) {
  std::string_view value = find_header(answer, "content-type").value_or("");
  value = value.substr(0, value.find(';'));
  while (value.ends_with(' ')) value.remove_suffix(1);
  return lower_case(value);
}

bool is_json(std::string_view media_type) {
  return media_type == "application/json" ||
         (media_type.starts_with("application/") && media_type.ends_with("+json"));
}

// Text as a value, if it is UTF-8 that the log can keep: the JSON reader knows what that is.
Result<Json> text_value(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  return parse_json(quoted);
}

}  // namespace

std::optional<std::string_view> find_header(const Answer& answer, std::string_view name) {
  const std::string wanted = lower_case(name);
  for (const auto& [header, value] : answer.headers)
    if (lower_case(header) == wanted) return value;
  return std::nullopt;
}

std::optional<Duration> retry_after(const Answer& answer, Timestamp now) {
  const auto text = find_header(answer, "retry-after");
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error == std::errc::result_out_of_range) return kLongestRetryAfter;
  if (error == std::errc{} && end == text->data() + text->size() && seconds >= 0)
    return Duration(std::chrono::seconds(std::min<std::int64_t>(seconds, 86'400)));
  const auto date = parse_http_date(*text);
  if (!date) return std::nullopt;
  return std::clamp(*date - now, Duration::zero(), kLongestRetryAfter);
}

Result<Json> body_of(const Answer& answer) {
  if (answer.body.empty()) return Json();
  if (!is_json(media_type(answer))) return text_value(answer.body);
  return parse_json(answer.body, {.max_depth = kMaxBodyDepth});
}

Json response_value(const Answer& answer, Json body) {
  Json::Object headers;
  for (const auto& [name, value] : answer.headers) {
    const auto text = text_value(value);
    if (!text) continue;
    const std::string key = lower_case(name);
    const Json* earlier = headers.find(key);
    headers.set(key, earlier ? Json(earlier->as_string() + ", " + text->as_string()) : *text);
  }
  return Json::object(
      {{"status", answer.status}, {"headers", std::move(headers)}, {"body", std::move(body)}});
}

std::optional<Problem> problem_in(const Answer& answer) {
  if (answer.body.empty() || answer.body.size() > kLargestProblem) return std::nullopt;
  const auto body = body_of(answer);
  if (!body) return std::nullopt;
  if (body->is_string() && answer.body.size() <= kLongestTextProblem) {
    Problem text;
    text.detail = body->as_string();
    return text;
  }
  if (!body->is_object()) return std::nullopt;
  Problem problem = problem_from_json(*body);
  // These members are Skald's own words about a problem; a service cannot speak for it.
  problem.step = problem.by = problem.event = "";
  if (problem.type == "about:blank") problem.type.clear();
  return problem;
}

}  // namespace skald::core
