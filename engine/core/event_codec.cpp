#include "engine/core/event_codec.hpp"

#include <limits>
#include <type_traits>

#include "engine/core/event_fields.hpp"

namespace skald::core {
namespace {

// Whether a value says something; what does not is left out of the payload.
bool says_something(const std::string& text) {
  return !text.empty();
}
bool says_something(const Json& value) {
  return !value.is_null();
}
bool says_something(bool value) {
  return value;
}
bool says_something(const RequestSummary& request) {
  return request != RequestSummary{};
}
template <class T>
bool says_something(const std::optional<T>& value) {
  return value.has_value();
}

Json written(const std::string& text) {
  return text;
}
Json written(const Json& value) {
  return value;
}
Json written(bool value) {
  return value;
}
Json written(int value) {
  return value;
}
Json written(std::uint32_t value) {
  return value;
}
Json written(Timestamp at) {
  return to_rfc3339(at);
}
Json written(Operation operation) {
  return to_text(operation);
}
Json written(const Problem& problem) {
  return to_json(problem);
}
Json written(const SagaId& id) {
  return to_text(id);
}
// The members that every kind of request may have; list(at, request) as for events.
void list_request(auto& at, auto& request) {
  at.if_any("method", request.method);
  at.if_any("service", request.service);
  at.if_any("path", request.path);
  at.if_any("queue", request.queue);
  at.if_any("child", request.child);
  at.if_any("definition", request.definition);
  at.if_any("event", request.event);
  at.if_any("key", request.key);
  at.if_any("data", request.data);
  at.if_any("items", request.items);
}
Json written(const RequestSummary& request);
Json written(const Parent& parent) {
  return Json::object({{"saga", to_text(parent.saga)}, {"step", parent.step}});
}
template <class T>
Json written(const std::optional<T>& value) {
  return value ? written(*value) : Json();
}

class Writer {
 public:
  template <class T>
  void always(const char* key, const T& value) {
    object_.append(key, written(value));
  }
  template <class T>
  void if_any(const char* key, const T& value) {
    if (says_something(value)) always(key, value);
  }
  Json payload() && { return std::move(object_); }

 private:
  Json::Object object_;
};

Json written(const RequestSummary& request) {
  Writer writer;
  list_request(writer, request);
  return std::move(writer).payload();
}

bool read(const Json& json, std::string& text) {
  if (!json.is_string()) return false;
  text = json.as_string();
  return true;
}
bool read(const Json& json, Json& value) {
  value = json;
  return true;
}
bool read(const Json& json, bool& value) {
  if (!json.is_boolean()) return false;
  value = json.as_boolean();
  return true;
}
template <class Integer>
requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) bool read(const Json& json,
                                                                                  Integer& value) {
  const auto number = json.is_number() ? json.as_integer() : std::nullopt;
  using Limits = std::numeric_limits<Integer>;
  if (!number || *number < std::int64_t{Limits::min()} || *number > std::int64_t{Limits::max()}) return false;
  value = static_cast<Integer>(*number);
  return true;
}
bool read(const Json& json, Timestamp& at) {
  const auto parsed = json.is_string() ? parse_rfc3339(json.as_string()) : invalid("no text");
  if (parsed) at = *parsed;
  return parsed.has_value();
}
bool read(const Json& json, Operation& operation) {
  for (const Operation known : {Operation::Action, Operation::Compensate}) {
    if (!json.is_string() || json.as_string() != to_text(known)) continue;
    operation = known;
    return true;
  }
  return false;
}
bool read(const Json& json, Problem& problem) {
  if (json.is_object()) problem = problem_from_json(json);
  return json.is_object();
}
bool read(const Json& json, SagaId& saga) {
  const auto id = json.is_string() ? parse_saga_id(json.as_string()) : invalid("no text");
  if (id) saga = *id;
  return id.has_value();
}
bool read(const Json& json, RequestSummary& request);
bool read(const Json& json, Parent& parent) {
  return read(json.get("saga"), parent.saga) && read(json.get("step"), parent.step);
}
template <class T>
bool read(const Json& json, std::optional<T>& value) {
  return read(json, value.emplace());
}

class FieldReader {
 public:
  explicit FieldReader(const Json& payload) : payload_(payload) {}

  template <class T>
  void always(const char* key, T& value) {
    if (!payload_.find(key)) return fail(key, "is missing");
    if_any(key, value);
  }
  template <class T>
  void if_any(const char* key, T& value) {
    const Json* found = payload_.find(key);
    if (found && !read(*found, value)) fail(key, "is not of its kind");
  }
  const std::string& fault() const { return fault_; }

 private:
  void fail(const char* key, const char* why) {
    if (fault_.empty()) fault_ = "the field '" + std::string(key) + "' " + why;
  }
  const Json& payload_;
  std::string fault_;
};

bool read(const Json& json, RequestSummary& request) {
  FieldReader reader(json);
  list_request(reader, request);
  return json.is_object() && reader.fault().empty();
}

template <class E>
Result<Fact> read_fact(const Json& payload) {
  E event;
  FieldReader reader(payload);
  Fields<E>::list(reader, event);
  if (!reader.fault().empty())
    return unexpected("an event " + std::string(Fields<E>::kName) + " cannot be read: " + reader.fault());
  return Fact(std::move(event));
}

// Tries the alternatives of Fact one after the other.
template <std::size_t index = 0>
Result<Fact> read_any(std::string_view type, const Json& payload) {
  if constexpr (index == std::variant_size_v<Fact>) {
    return unexpected("events of type '" + std::string(type) + "' are not known to this version");
  } else {
    using E = std::variant_alternative_t<index, Fact>;
    if (type == Fields<E>::kName) return read_fact<E>(payload);
    return read_any<index + 1>(type, payload);
  }
}

}  // namespace

std::string_view type_name(const Fact& fact) {
  return std::visit([]<class E>(const E&) { return Fields<E>::kName; }, fact);
}

Json payload_of(const Fact& fact) {
  return std::visit(
      []<class E>(const E& event) {
        Writer writer;
        Fields<E>::list(writer, event);
        return std::move(writer).payload();
      },
      fact);
}

Result<Fact> fact_from(std::string_view type, const Json& payload) {
  return read_any(type, payload);
}

std::string_view to_text(Operation operation) {
  return operation == Operation::Action ? "action" : "compensate";
}

}  // namespace skald::core
