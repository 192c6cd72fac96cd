#include "api/http/body.hpp"

#include <algorithm>
#include <cctype>

#include "api/http/problem.hpp"

namespace skald::api {

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
  return parsed_body(request);
}

std::variant<Json, Response> parsed_body(const Request& request) {
  auto parsed = parse_json(request.body);
  if (!parsed) return problem(400, "invalid-request", "The body is not JSON", parsed.error().message);
  return *parsed;
}

Response wrong_media_type(const Request& request, std::string_view expected) {
  const std::string given = media_type(request);
  return problem(
      415, "unsupported-media-type", "The content type is not understood",
      "expected Content-Type " + std::string(expected) + ", got " + (given.empty() ? "none" : given));
}

std::string pointer_token(std::string_view key) {
  std::string text;
  for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return text;
}

}  // namespace skald::api
