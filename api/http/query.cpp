#include "api/http/query.hpp"

#include <charconv>

#include "api/http/problem.hpp"

namespace skald::api {
namespace {

std::string joined(const std::set<std::string, std::less<>>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::optional<std::string> Query::text(std::string_view name) {
  known_.emplace(name);
  std::optional<std::string> found;
  for (const auto& [key, value] : fields_) {
    if (key != name) continue;
    if (found) refuse(name, "it is given twice");
    found = value;
  }
  return found;
}

std::vector<std::string> Query::list(std::string_view name) {
  known_.emplace(name);
  std::vector<std::string> values;
  for (const auto& [key, value] : fields_) {
    if (key != name) continue;
    for (std::size_t begin = 0; begin <= value.size();) {
      const auto end = std::min(value.find(',', begin), value.size());
      values.push_back(value.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return values;
}

std::optional<Timestamp> Query::time(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto time = parse_rfc3339(*given);
  if (time) return *time;
  // The most frequent slip: in a query "+" stands for a blank.
  const bool blank = given->find(' ') != std::string::npos;
  refuse(name, time.error().message + (blank ? "; in a query, + is written %2B" : ""));
  return std::nullopt;
}

std::optional<Duration> Query::duration(std::string_view name, Duration at_most) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto span = parse_duration(*given);
  if (!span)
    refuse(name, span.error().message);
  else if (*span > at_most)
    refuse(name, "at most " + to_text(at_most));
  else
    return *span;
  return std::nullopt;
}

std::optional<std::int64_t> Query::integer(std::string_view name, Range range) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::int64_t number = 0;
  const char* end = given->data() + given->size();
  const auto [stopped, failure] = std::from_chars(given->data(), end, number);
  if (failure == std::errc() && stopped == end && number >= range.least && number <= range.most)
    return number;
  refuse(name,
         "expected an integer from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  return std::nullopt;
}

bool Query::flag(std::string_view name) {
  const auto given = text(name);
  if (!given || *given == "false") return false;
  if (!given->empty() && *given != "true") refuse(name, "expected true or false");
  return true;
}

void Query::refuse(std::string_view name, std::string why) {
  if (!parameter_.empty()) return;
  parameter_ = name;
  why_ = std::move(why);
}

std::optional<Response> Query::fault() {
  for (const auto& [key, value] : fields_)
    if (!known_.contains(key))
      refuse(key, known_.empty() ? "none is known here" : "known here: " + joined(known_));
  if (parameter_.empty()) return std::nullopt;
  Json::Object more;
  more.set("parameter", parameter_);
  return problem(400, "invalid-request", "A query parameter does not fit", parameter_ + ": " + why_, more);
}

}  // namespace skald::api
