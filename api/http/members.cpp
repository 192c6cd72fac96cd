#include "api/http/members.hpp"

#include <utility>
#include <variant>

#include "api/http/body.hpp"
#include "api/http/problem.hpp"

namespace skald::api {
namespace {

// What a person says in a sentence or two; it is kept in an event.
constexpr std::size_t kLongestText = 4'000;

Response unfit(const std::string& pointer, std::string_view detail) {
  Json::Object more;
  more.set("pointer", pointer);
  return problem(422, "invalid-request", "The body does not fit", detail, more);
}

}  // namespace

Members::Members(const Request& request) {
  auto body = json_body(request);
  if (auto* refused = std::get_if<Response>(&body))
    fault_ = std::move(*refused);
  else
    object_ = std::move(std::get<Json>(body));
  if (!object_.is_null() && !object_.is_object()) fault_ = unfit("", "expected an object");
}

Members::Members(Json object, std::string pointer)
    : object_(std::move(object)), pointer_(std::move(pointer)) {
  if (!object_.is_object()) fault_ = unfit(pointer_, "expected an object");
}

std::optional<std::string> Members::text(std::string_view name) {
  const Json given = value(name);
  if (given.is_null()) return std::nullopt;
  if (given.is_string() && given.as_string().size() <= kLongestText) return given.as_string();
  refuse(name,
         given.is_string() ? "longer than " + std::to_string(kLongestText) + " bytes" : "expected a text");
  return std::nullopt;
}

std::string Members::required_text(std::string_view name) {
  auto given = text(name);
  if (!given || given->empty()) refuse(name, "expected a text that is not empty");
  return given.value_or("");
}

bool Members::flag(std::string_view name) {
  const Json given = value(name);
  if (given.is_boolean()) return given.as_boolean();
  if (!given.is_null()) refuse(name, "expected true or false");
  return false;
}

std::optional<std::int64_t> Members::integer(std::string_view name, Range range) {
  const Json given = value(name);
  if (given.is_null()) return std::nullopt;
  const auto number = given.is_number() ? given.as_integer() : std::nullopt;
  if (number && *number >= range.least && *number <= range.most) return number;
  refuse(name,
         "expected an integer from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  return std::nullopt;
}

std::optional<Duration> Members::duration(std::string_view name, Span span) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto read = parse_duration(*given);
  if (read && *read >= span.least && *read <= span.most) return *read;
  refuse(name, read ? "expected " + to_text(span.least) + " to " + to_text(span.most) : read.error().message);
  return std::nullopt;
}

Json Members::value(std::string_view name) {
  known_.emplace(name);
  return object_.get(name);
}

void Members::refuse(std::string_view name, std::string why) {
  if (!fault_) fault_ = unfit(pointer_ + "/" + pointer_token(name), why);
}

std::optional<Response> Members::fault() {
  if (!fault_ && object_.is_object())
    for (const auto& [key, value] : object_.as_object())
      if (!known_.contains(key)) refuse(key, "no member of that name is known here");
  return fault_;
}

}  // namespace skald::api
