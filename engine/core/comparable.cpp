#include "engine/core/comparable.hpp"

#include "engine/core/event_codec.hpp"
#include "engine/core/path.hpp"
#include "engine/core/render.hpp"

namespace skald::core {
namespace {

Problem comparable(const Problem& problem) {
  Problem kept;
  kept.type = problem.type;
  kept.step = problem.step;
  kept.by = problem.by;
  kept.event = problem.event;
  return kept;
}

// The key of a child comes from another definition, in the version that was the newest then.
void make_comparable(RequestSummary& request) {
  if (!request.child) return;
  request.child = SagaId{};
  request.key.clear();
}

// Takes away what does not matter.
struct MakeComparable {
  bool same_definition;

  void operator()(SagaStarted& e) const {
    if (!same_definition) e.definition.clear();
  }
  void operator()(StepRequested& e) const { make_comparable(e.request); }
  void operator()(CompensationRequested& e) const { make_comparable(e.request); }
  void operator()(StepWaiting& e) const {
    if (e.until) e.until = Timestamp{};
  }
  void operator()(AttemptFailed& e) const {
    e.retry_at = Timestamp{};
    e.error = comparable(e.error);
  }
  void operator()(SagaEnded& e) const {
    if (e.error) e.error = comparable(*e.error);
  }
  void operator()([[maybe_unused]] auto& e) const {
    if constexpr (requires { e.error.type; }) e.error = comparable(e.error);
  }
};

Fact comparable(Fact fact, bool same_definition) {
  std::visit(MakeComparable{same_definition}, fact);
  return fact;
}

std::string words_of(const Json& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? value.as_string() : value.dump();
}

// The first place where two values differ, and how.
std::string first_difference(const std::string& path, const Json& recorded, const Json& expected) {
  if (recorded == expected) return "";
  if (!recorded.is_object() || !expected.is_object())
    return path + ": " + words_of(expected) + " instead of " + words_of(recorded);
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto* side : {&recorded, &expected})
    for (const auto& [key, value] : side->as_object())
      if (auto found = first_difference(prefix + key, recorded.get(key), expected.get(key)); !found.empty())
        return found;
  return path;
}

std::string join(const std::string& a, const std::string& b) {
  return b.empty() ? a : a.empty() ? b : a + " " + b;
}

Json written(const ServiceRequest& request) {
  Json::Object headers;
  for (const auto& [name, value] : request.headers) headers.set(name, value);
  return Json::object({{"method", to_text(request.method)},
                       {"service", request.service},
                       {"path", request.path},
                       {"query", request.query},
                       {"headers", Json(std::move(headers))},
                       {"body", request.body.value_or(Json())}});
}

// What a step asks for, whole.
struct Whole {
  const Definition& definition;
  const State& state;
  const StepPath& path;

  Result<Json> operator()(const HttpAction& action) const {
    const auto request = render(action, definition, state, path, Json());
    if (!request) return request.error();
    return written(*request);
  }
  Result<Json> operator()(const TaskAction& action) const {
    const auto body = render(action, definition, state, path);
    if (!body) return body.error();
    return Json::object({{"queue", action.queue}, {"body", *body}});
  }
  Result<Json> operator()(const EmitAction& action) const {
    const auto event = render(action, definition, state, path);
    if (!event) return event.error();
    return Json::object({{"event", event->name}, {"key", event->key}, {"data", event->data}});
  }
  Result<Json> operator()(const SagaAction& action) const {
    const auto child = render(action, definition, state, path);
    if (!child) return child.error();
    return Json::object({{"definition", child->definition},
                         {"input", child->input},
                         {"businessKey", child->business_key ? Json(*child->business_key) : Json()}});
  }
};

// None: the step has no action of that operation.
const Action* declared_action(const Definition& definition, const StepPath& path, Operation operation) {
  const Step* step = definition.find_step(id_of(path));
  if (!step) return nullptr;
  if (operation == Operation::Action) return std::get_if<Action>(&step->kind);
  return step->undo ? &step->undo->action : nullptr;
}

Json whole_request(const Definition& definition, const State& state, const StepPath& path,
                   const Action& action) {
  const auto request = std::visit(Whole{definition, state, path}, action);
  return request ? *request : Json("cannot be written: " + request.error().message);
}

}  // namespace

bool is_same(const Event& a, const Event& b, bool same_definition) {
  return comparable(a.fact, same_definition) == comparable(b.fact, same_definition);
}

std::string shown(const Event& event) {
  const Json payload = payload_of(event.fact);
  const auto member = [](const Json& object, const char* name) {
    const Json value = object.get(name);
    return value.is_null() ? std::string() : words_of(value);
  };
  std::string text(type_name(event.fact));
  for (const char* name : {"step", "name", "reason", "status"}) text = join(text, member(payload, name));
  const Json request = payload.get("request");
  std::string asked;
  for (const char* name : {"method", "service", "path", "queue", "definition", "event"})
    asked = join(asked, member(request, name));
  if (!asked.empty()) text += ", " + asked;
  if (const auto type = member(payload.get("error"), "type"); !type.empty()) text += ", " + type;
  return text;
}

std::string difference_of(const Event& recorded, const Event& expected, bool same_definition) {
  if (type_name(recorded.fact) != type_name(expected.fact)) return "";
  return first_difference("", payload_of(comparable(recorded.fact, same_definition)),
                          payload_of(comparable(expected.fact, same_definition)));
}

std::string difference_of_requests(const Definition& own, const Definition& changed, const State& state,
                                   const StepPath& step, Operation operation) {
  const Action* before = declared_action(own, step, operation);
  const Action* after = declared_action(changed, step, operation);
  if (!before || !after) return "";
  return first_difference("request", whole_request(own, state, step, *before),
                          whole_request(changed, state, step, *after));
}

}  // namespace skald::core
