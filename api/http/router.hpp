// Router: finds the action for a method and a path, by patterns such as "/v1/sagas/{id}/cancel". What it does
// not know is answered with a problem: 404 for a path, 405 with Allow for a method. The OpenAPI document is
// held against its table by a test.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"

namespace skald::api {

// A request on its way to its answer, with what the {names} of the pattern stand for, in their order.
struct Call {
  Request request;
  std::vector<std::string> arguments;
  Responder respond;
};

using Action = std::function<void(Call)>;

class Router {
 public:
  // A pattern's literal segments are compared as they stand; of two that match, the one added first is taken.
  void add(std::string method, std::string_view pattern, Action action);

  // Calls one action, or answers itself.
  void route(Request request, Responder respond) const;

  // "POST /v1/sagas/{name}", in the order in which they were added.
  std::vector<std::string> table() const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;  // "{id}" stands for any one
    Action action;
  };
  static bool matches(const Route& route, const std::vector<std::string>& segments);

  std::vector<Route> routes_;
};

}  // namespace skald::api
