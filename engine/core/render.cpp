#include "engine/core/render.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace skald::core {
namespace {

constexpr std::string_view kSecrets = "secrets";

Error within(const std::string& part, const Error& error) {
  return invalid(part + ": " + error.message);
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_percent_encoded(std::string& out, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

// A parameter whose value is null is left out: this is how optional ones are written.
Result<std::string> render_query(const HttpAction& action, const Json& root) {
  std::string query;
  for (const auto& [name, value] : action.query) {
    const auto result = value.evaluate(root);
    if (!result) return within("query '" + name + "'", result.error());
    if (result->is_null()) continue;
    const auto text = value.evaluate_text(root);
    if (!text) return within("query '" + name + "'", text.error());
    if (!query.empty()) query += '&';
    append_percent_encoded(query, name);
    query += '=';
    append_percent_encoded(query, *text);
  }
  return query;
}

bool reads_secrets(const Template& value) {
  const auto references = value.references();
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

Result<Headers> render_headers(const HttpAction& action, const Json& root, bool with_secrets) {
  Headers headers;
  for (const auto& [name, value] : action.headers) {
    if (!with_secrets && reads_secrets(value)) continue;
    const auto text = value.evaluate_text(root);
    if (!text) return within("header '" + name + "'", text.error());
    if (!is_header_text(*text)) return invalid("header '" + name + "': the value holds control characters");
    headers.emplace_back(name, *text);
  }
  return headers;
}

Json with_secrets(const Json& root, const Json& secrets) {
  if (secrets.is_null()) return root;
  Json::Object members = root.as_object();
  members.set(std::string(kSecrets), secrets);
  return members;
}

const HttpAction& action_of(const Step& step, Operation operation) {
  if (operation == Operation::Action) return std::get<HttpAction>(std::get<Action>(step.kind));
  CHECK_THAT(step.undo.has_value(), "an undo is requested of steps that declare one");
  return std::get<HttpAction>(step.undo->action);
}

Json saga_value(const Definition& definition, const State& state) {
  return Json::object({{"id", to_text(state.id)},
                       {"name", definition.name},
                       {"version", definition.version},
                       {"businessKey", state.business_key},
                       {"startedAt", to_rfc3339(state.started_at)}});
}

Json steps_value(const State& state) {
  Json::Object steps;
  for (const auto& [path, step] : state.steps)
    steps.append(path, Json::object({{"output", step.output}, {"status", to_text(step.forward)}}));
  return steps;
}

}  // namespace

Json scope(const Definition& definition, const State& state) {
  Json::Object members;
  members.append("input", state.input);
  members.append("saga", saga_value(definition, state));
  members.append("steps", steps_value(state));
  if (state.compensation_version != 0 && state.error) members.append("error", to_json(*state.error));
  return members;
}

Result<ServiceRequest> render(const Definition& definition, const State& state, const StepPath& step,
                              Operation operation, const Json& secrets) {
  const Step* declared = definition.find_step(step);
  CHECK_THAT(declared != nullptr, "requests are rendered for steps of the definition");
  const HttpAction& action = action_of(*declared, operation);
  const Json root = scope(definition, state);

  ServiceRequest request;
  request.service = action.service;
  request.method = action.method;
  auto path = action.path.render(root);
  if (!path) return within("path", path.error());
  request.path = std::move(*path);
  auto query = render_query(action, root);
  if (!query) return query.error();
  request.query = std::move(*query);
  auto headers = render_headers(action, with_secrets(root, secrets), !secrets.is_null());
  if (!headers) return headers.error();
  request.headers = std::move(*headers);
  if (action.body) {
    const auto body = action.body->evaluate(root);
    if (!body) return within("body", body.error());
    request.body = body->dump();
  }
  return request;
}

std::string idempotency_key(const SagaId& saga, const StepPath& step, Operation operation) {
  return to_text(saga) + ":" + step + (operation == Operation::Compensate ? ":undo" : "");
}

}  // namespace skald::core
