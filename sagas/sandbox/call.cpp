#include "sagas/sandbox/call.hpp"

#include <charconv>

namespace skald::sandbox {
namespace {

constexpr std::string_view kUndoSuffix = ":undo";

std::optional<std::string> optional_header(const Request& request, std::string_view name) {
  const std::string* value = request.header(name);
  return value ? std::optional(*value) : std::nullopt;
}

Result<Operation> read_operation(const Request& request) {
  const std::string* value = request.header("Saga-Operation");
  if (!value || *value == "action") return Operation::Action;
  if (*value == "compensate") return Operation::Compensate;
  return invalid("the header Saga-Operation is '" + *value + "'; it can be action or compensate");
}

Result<int> read_attempt(const Request& request) {
  const std::string* value = request.header("Saga-Attempt");
  if (!value) return 1;
  int attempt = 0;
  const char* end = value->data() + value->size();
  const auto [stop, fault] = std::from_chars(value->data(), end, attempt);
  if (fault != std::errc{} || stop != end || attempt < 1)
    return invalid("the header Saga-Attempt is '" + *value + "'; it counts 1, 2, 3 …");
  return attempt;
}

}  // namespace

Result<Call> read_call(const Request& request) {
  const auto operation = read_operation(request);
  if (!operation) return operation.error();
  const auto attempt = read_attempt(request);
  if (!attempt) return attempt.error();
  Call call;
  call.key = optional_header(request, "Idempotency-Key");
  call.operation = *operation;
  call.attempt = *attempt;
  call.saga = optional_header(request, "Saga-Id");
  call.saga_name = optional_header(request, "Saga-Name");
  call.step = optional_header(request, "Saga-Step");
  return call;
}

std::optional<std::string> action_key(const std::string& undo_key) {
  if (!undo_key.ends_with(kUndoSuffix)) return std::nullopt;
  return undo_key.substr(0, undo_key.size() - kUndoSuffix.size());
}

std::string_view to_text(Operation operation) {
  switch (operation) {
    case Operation::Action: return "action";
    case Operation::Compensate: return "compensate";
  }
  return "";
}

}  // namespace skald::sandbox
