#include "engine/core/render.hpp"

#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/core/expression/path_text.hpp"
#include "engine/core/path.hpp"
#include "engine/core/scope.hpp"

namespace skald::core {
namespace {

constexpr std::string_view kSecrets = "secrets";

Error within(const std::string& part, const Error& error) {
  return invalid(part + ": " + error.message);
}

// What the parts of one request see.
class View {
 public:
  View(const Definition& definition, const State& state, std::string_view path, const Json& secrets)
      : definition_(definition), state_(state), path_(path), secrets_(secrets) {}

  Json root(const std::vector<Reference>& reads) const { return scope(definition_, state_, path_, reads); }
  Json root_with_secrets(const std::vector<Reference>& reads) const {
    return secrets_.is_null() ? root(reads) : with_root(root(reads), std::string(kSecrets), secrets_);
  }
  bool has_secrets() const { return !secrets_.is_null(); }

 private:
  const Definition& definition_;
  const State& state_;
  std::string_view path_;
  const Json& secrets_;
};

// A parameter whose value is null is left out: this is how optional ones are written.
Result<std::string> render_query(const HttpAction& action, const View& view) {
  std::string query;
  for (const auto& [name, value] : action.query) {
    const Json root = view.root(value.references());
    const auto result = value.evaluate(root);
    if (!result) return within("query '" + name + "'", result.error());
    if (result->is_null()) continue;
    const auto text = value.evaluate_text(root);
    if (!text) return within("query '" + name + "'", text.error());
    if (!query.empty()) query += '&';
    query += percent_encoded(name);
    query += '=';
    query += percent_encoded(*text);
  }
  return query;
}

bool reads_secrets(const Template& value) {
  const auto& references = value.references();
  return std::any_of(references.begin(), references.end(), [](const Reference& reference) {
    return reference.empty() || reference.front() == kSecrets;
  });
}

// What would end the header, or begin another one.
bool is_header_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Result<Headers> render_headers(const HttpAction& action, const View& view) {
  Headers headers;
  for (const auto& [name, value] : action.headers) {
    if (!view.has_secrets() && reads_secrets(value)) continue;
    const auto text = value.evaluate_text(view.root_with_secrets(value.references()));
    if (!text) return within("header '" + name + "'", text.error());
    if (!is_header_text(*text)) return invalid("header '" + name + "': the value holds control characters");
    headers.emplace_back(name, *text);
  }
  return headers;
}

// A value that may be left out is null then.
Result<Json> render_part(const char* part, const std::optional<Template>& value, const Definition& definition,
                         const State& state, std::string_view path) {
  if (!value) return Json();
  auto result = evaluate(*value, definition, state, path);
  if (!result) return within(part, result.error());
  return result;
}

}  // namespace

const Action& action_of(const Definition& definition, const StepPath& path, Operation operation) {
  const Step* step = definition.find_step(id_of(path));
  CHECK_THAT(step != nullptr, "requests are rendered for steps of the definition");
  if (operation == Operation::Action) return std::get<Action>(step->kind);
  CHECK_THAT(step->undo.has_value(), "an undo is requested of steps that declare one");
  return step->undo->action;
}

Result<ServiceRequest> render(const HttpAction& action, const Definition& definition, const State& state,
                              const StepPath& step, const Json& secrets) {
  const View view(definition, state, step, secrets);
  ServiceRequest request;
  request.service = action.service;
  request.method = action.method;
  auto path = action.path.render(view.root(action.path.references()));
  if (!path) return within("path", path.error());
  request.path = std::move(*path);
  auto query = render_query(action, view);
  if (!query) return query.error();
  request.query = std::move(*query);
  auto headers = render_headers(action, view);
  if (!headers) return headers.error();
  request.headers = std::move(*headers);
  if (action.body) {
    auto body = action.body->evaluate(view.root(action.body->references()));
    if (!body) return within("body", body.error());
    request.body = std::move(*body);
  }
  return request;
}

Result<Json> render(const TaskAction& action, const Definition& definition, const State& state,
                    const StepPath& step) {
  return render_part("body", action.body, definition, state, step);
}

Result<EventToSend> render(const EmitAction& action, const Definition& definition, const State& state,
                           const StepPath& step) {
  EventToSend event{action.event, state.business_key, {}};
  if (action.key) {
    const auto key = render_part("key", action.key, definition, state, step);
    if (!key) return key.error();
    auto text = business_key_text(*key);
    if (!text) return within("key", text.error());
    event.key = std::move(*text);
  }
  auto data = render_part("data", action.data, definition, state, step);
  if (!data) return data.error();
  event.data = std::move(*data);
  return event;
}

Result<ChildToStart> render(const SagaAction& action, const Definition& definition, const State& state,
                            const StepPath& step) {
  ChildToStart child{action.name, {}, {}};
  auto input = render_part("input", action.input, definition, state, step);
  if (!input) return input.error();
  child.input = std::move(*input);
  if (action.business_key) {
    const auto key = render_part("businessKey", action.business_key, definition, state, step);
    if (!key) return key.error();
    auto text = business_key_text(*key);
    if (!text) return within("businessKey", text.error());
    child.business_key = std::move(*text);
  }
  return child;
}

Result<std::string> business_key_text(const Json& value) {
  if (value.is_number()) return value.number_text();
  if (value.is_string() && !value.as_string().empty()) return value.as_string();
  return invalid("a business key is a text that is not empty, or a number");
}

std::string idempotency_key(const SagaId& saga, const StepPath& step, Operation operation) {
  return to_text(saga) + ":" + step + (operation == Operation::Compensate ? ":undo" : "");
}

}  // namespace skald::core
