#include "sagas/sandbox/routing.hpp"

namespace skald::sandbox {
namespace {

std::optional<Json> match_path(const Route& route, const Request& request) {
  if (route.pattern.size() != request.segments.size()) return std::nullopt;
  Json::Object parameters;
  for (std::size_t i = 0; i < route.pattern.size(); ++i) {
    if (const auto name = path_parameter(route.pattern[i]))
      parameters.append(*name, request.segments[i]);
    else if (route.pattern[i] != request.segments[i])
      return std::nullopt;
  }
  return Json(std::move(parameters));
}

}  // namespace

std::variant<RouteMatch, Reply> find_route(const Declaration& declaration, const Request& request) {
  std::string allowed;
  for (const Route& route : declaration.routes) {
    auto path = match_path(route, request);
    if (!path) continue;
    if (route.method == request.method) return RouteMatch{&route, std::move(*path)};
    allowed += (allowed.empty() ? "" : ", ") + route.method;
  }
  if (allowed.empty())
    return problem_reply(404, "no-route", "No such route",
                         "The service " + declaration.name + " has no route for " + request.path);
  Reply reply = problem_reply(405, "method-not-allowed", "Method not allowed",
                              request.path + " knows " + allowed + ", not " + request.method);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

std::optional<std::string> path_parameter(const std::string& segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return std::nullopt;
  return segment.substr(1, segment.size() - 2);
}

std::string to_text(const Route& route) {
  std::string text = route.method + ' ';
  for (const std::string& segment : route.pattern) text += '/' + segment;
  return text;
}

}  // namespace skald::sandbox
