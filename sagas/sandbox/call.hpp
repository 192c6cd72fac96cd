// What the headers of a saga's call say: under which key, whether it does or undoes, for which saga and step.
// A request without them is one of a plain user.
#pragma once

#include <optional>
#include <string>

#include "sagas/sandbox/exchange.hpp"

namespace skald::sandbox {

enum class Operation { Action, Compensate };

struct Call {
  std::optional<std::string> key;  // Idempotency-Key: the same for every attempt
  Operation operation = Operation::Action;
  int attempt = 1;
  std::optional<std::string> saga;
  std::optional<std::string> saga_name;
  std::optional<std::string> step;
};

// Fails when a header has a value that it cannot have.
Result<Call> read_call(const Request& request);

// "…:apply" for "…:apply:undo": the key of the action that this undo takes back. None: it is not an undo's
// key.
std::optional<std::string> action_key(const std::string& undo_key);

std::string_view to_text(Operation operation);  // "action", "compensate"

}  // namespace skald::sandbox
