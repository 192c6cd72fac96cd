#include "api/http/body.hpp"

#include <algorithm>
#include <cctype>

#include "api/http/problem.hpp"

namespace skald::api {
namespace {

// What a person says in a sentence or two; it is kept in an event.
constexpr std::size_t kLongestText = 4'000;

Response broken_json(const Error& error) {
  return problem(400, "invalid-request", "The body is not JSON", error.message);
}

Response unfit(std::string_view pointer, std::string_view detail) {
  Json::Object more;
  more.set("pointer", pointer);
  return problem(422, "invalid-request", "The body does not fit", detail, more);
}

std::string escaped(std::string_view key) {  // RFC 6901
  std::string text;
  for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return text;
}

}  // namespace

std::string media_type(const Request& request) {
  const std::string* field = request.header("Content-Type");
  if (!field) return "";
  std::string type = field->substr(0, field->find_first_of("; \t"));
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type;
}

std::variant<Json, Response> json_body(const Request& request) {
  if (request.body.empty()) return Json();
  if (media_type(request) != "application/json") return wrong_media_type(request, "application/json");
  auto parsed = parse_json(request.body);
  if (!parsed) return broken_json(parsed.error());
  return *parsed;
}

std::variant<Json, Response> text_members(const Request& request,
                                          std::initializer_list<std::string_view> known) {
  auto body = json_body(request);
  const Json* given = std::get_if<Json>(&body);
  if (!given || given->is_null()) return body;
  if (!given->is_object()) return unfit("", "expected an object");
  for (const auto& [key, value] : given->as_object()) {
    const std::string pointer = "/" + escaped(key);
    if (std::find(known.begin(), known.end(), key) == known.end())
      return unfit(pointer, "no member of that name is known here");
    if (!value.is_string() && !value.is_null()) return unfit(pointer, "expected a text");
    if (value.is_string() && value.as_string().size() > kLongestText)
      return unfit(pointer, "longer than " + std::to_string(kLongestText) + " bytes");
  }
  return body;
}

Response wrong_media_type(const Request& request, std::string_view expected) {
  const std::string given = media_type(request);
  return problem(
      415, "unsupported-media-type", "The content type is not understood",
      "expected Content-Type " + std::string(expected) + ", got " + (given.empty() ? "none" : given));
}

}  // namespace skald::api
