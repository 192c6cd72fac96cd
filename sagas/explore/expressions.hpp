// expressions: every expression of a definition, with where it stands. What values have to be made up, and
// which of them decide something, follows from these.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"

namespace skald::sagas {

enum class ExpressionRole {
  Condition,  // `if`, `when`
  Items,      // of a forEach
  Filter,     // `where` of a waitFor
  Time,       // `until` of a wait
  Output,     // of a step, over its answer
  Undo,       // what an undo is made of
  Other
};

struct Expression {
  ExpressionRole role = ExpressionRole::Other;
  std::optional<core::StepIndex> step;  // none: of the saga as a whole
  std::vector<core::Reference> reads;
  std::string text;  // as it is written
  std::function<Result<Json>(const Json& root)> evaluate;
  bool decides() const { return role == ExpressionRole::Condition || role == ExpressionRole::Items; }
};

// In the order of the definition. Filters of cancelOn are not among them: they see an event that no step
// waits for.
std::vector<Expression> expressions_of(const core::Definition& definition);

// All that the expressions of the step at that path read, forwards or in its undo; "" is the saga as a whole.
std::vector<core::Reference> reads_of(const std::vector<Expression>& expressions,
                                      const core::Definition& definition, const core::StepPath& path,
                                      bool undo);

// The path that a text is, where it is nothing but ${ .a.b }.
std::optional<core::Reference> only_path(const Json& text, const std::vector<core::Reference>& reads);

}  // namespace skald::sagas
