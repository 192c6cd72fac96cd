#include "api/http/problem.hpp"

namespace skald::api {
Response problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                 const Json::Object& more) {
  Json::Object members;
  members.append("type", type);
  members.append("title", title);
  members.append("status", status);
  members.append("detail", detail);
  for (const auto& [key, value] : more) members.set(key, value);
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = Json(std::move(members)).dump();
  return response;
}

Response busy_problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                      const Json::Object& more) {
  auto response = problem(status, type, title, detail, more);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response problem(const Error& error) {
  switch (error.kind) {
    case ErrorKind::Invalid: return problem(422, "invalid-request", "Invalid request", error.message);
    case ErrorKind::NotFound: return problem(404, "not-found", "Not found", error.message);
    case ErrorKind::NotAllowed: return problem(403, "not-allowed", "Not allowed", error.message);
    case ErrorKind::Conflict: return problem(409, "conflict", "Conflict", error.message);
    case ErrorKind::LimitReached: return busy_problem(429, "too-many", "Limit reached", error.message);
    case ErrorKind::Unavailable: return busy_problem(503, "unavailable", "Unavailable", error.message);
    case ErrorKind::Unexpected: break;
  }
  return problem(500, "unexpected", "Unexpected failure", error.message);
}

}  // namespace skald::api
