#include "api/http/router.hpp"

#include <algorithm>
#include <utility>

#include "api/http/problem.hpp"

namespace skald::api {
namespace {

bool is_placeholder(const std::string& segment) {
  return segment.starts_with('{');
}

std::vector<std::string> split(std::string_view pattern) {
  std::vector<std::string> segments;
  if (pattern == "/") return segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);  // the slash
    const auto end = std::min(pattern.find('/'), pattern.size());
    segments.emplace_back(pattern.substr(0, end));
    pattern.remove_prefix(end);
  }
  return segments;
}

// GET answers HEAD too (RFC 9110 section 9.1): the front end leaves the body out.
bool serves(const std::string& method, const std::string& asked) {
  return method == asked || (asked == "HEAD" && method == "GET");
}

Response unknown_path(const Request& request) {
  return problem(404, "not-found", "No such address",
                 "nothing is served at " + request.path + "; /openapi.json lists what is");
}

Response wrong_method(const Request& request, const std::string& allowed) {
  Response response = problem(405, "method-not-allowed", "This method is not served here",
                              request.method + " is not served at " + request.path + ", but " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Action action) {
  routes_.push_back({std::move(method), split(pattern), std::move(action)});
}

void Router::route(Request request, Responder respond) const {
  std::string allowed;
  for (const auto& route : routes_) {
    if (!matches(route, request.segments)) continue;
    if (!serves(route.method, request.method)) {
      allowed += (allowed.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
      continue;
    }
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < route.segments.size(); ++i)
      if (is_placeholder(route.segments[i])) arguments.push_back(request.segments[i]);
    return route.action({std::move(request), std::move(arguments), std::move(respond)});
  }
  respond(allowed.empty() ? unknown_path(request) : wrong_method(request, allowed));
}

std::vector<std::string> Router::table() const {
  std::vector<std::string> lines;
  for (const auto& route : routes_) {
    std::string line = route.method + " ";
    for (const auto& segment : route.segments) line += "/" + segment;
    lines.push_back(route.segments.empty() ? line + "/" : line);
  }
  return lines;
}

bool Router::matches(const Route& route, const std::vector<std::string>& segments) {
  if (route.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool fits =
        is_placeholder(route.segments[i]) ? !segments[i].empty() : route.segments[i] == segments[i];
    if (!fits) return false;
  }
  return true;
}

}  // namespace skald::api
