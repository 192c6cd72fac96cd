#include "sagas/sandbox/exchange.hpp"

#include <algorithm>

namespace skald::sandbox {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

const std::string* Request::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (same_ignoring_case(field, name)) return &value;
  return nullptr;
}

const std::string* Request::parameter(std::string_view name) const {
  for (const auto& [parameter, value] : query)
    if (parameter == name) return &value;
  return nullptr;
}

Reply json_reply(int status, const Json& body) {
  return {status, {}, "application/json", body.dump()};
}

Reply problem_reply(int status, std::string_view type, std::string_view title, std::string_view detail,
                    const Json::Object& more) {
  Json::Object body;
  body.append("type", type);
  body.append("title", title);
  body.append("status", status);
  body.append("detail", detail);
  for (const auto& [key, value] : more) body.set(key, value);
  return {status, {}, "application/problem+json", Json(std::move(body)).dump()};
}

}  // namespace skald::sandbox
