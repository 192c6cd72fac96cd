#include "sagas/sandbox/call.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace skald::sandbox {
namespace {

constexpr std::string_view kUndoSuffix = ":undo";

// Fails where it holds something else than printable ASCII: it goes into the ledger, which is JSON.
Result<std::optional<std::string>> read_word(const Request& request, std::string_view name) {
  const std::string* value = request.header(name);
  if (!value) return std::optional<std::string>();
  const bool printable =
      std::all_of(value->begin(), value->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!printable) return invalid("the header " + std::string(name) + " holds more than printable ASCII");
  return std::optional(*value);
}

Result<Operation> read_operation(const Request& request) {
  const std::string* value = request.header("Saga-Operation");
  if (!value || *value == "action") return Operation::Action;
  if (*value == "compensate") return Operation::Compensate;
  return invalid("the header Saga-Operation can be action or compensate");
}

Result<int> read_attempt(const Request& request) {
  const std::string* value = request.header("Saga-Attempt");
  if (!value) return 1;
  int attempt = 0;
  const char* end = value->data() + value->size();
  const auto [stop, fault] = std::from_chars(value->data(), end, attempt);
  if (fault != std::errc{} || stop != end || attempt < 1)
    return invalid("the header Saga-Attempt counts 1, 2, 3 …");
  return attempt;
}

}  // namespace

Result<Call> read_call(const Request& request) {
  const auto operation = read_operation(request);
  if (!operation) return operation.error();
  const auto attempt = read_attempt(request);
  if (!attempt) return attempt.error();
  Call call;
  call.operation = *operation;
  call.attempt = *attempt;
  for (const auto& [name, place] :
       {std::pair("Idempotency-Key", &Call::key), std::pair("Saga-Id", &Call::saga),
        std::pair("Saga-Name", &Call::saga_name), std::pair("Saga-Step", &Call::step)}) {
    auto word = read_word(request, name);
    if (!word) return word.error();
    call.*place = std::move(*word);
  }
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
