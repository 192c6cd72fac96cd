// Outcome: what became of a call or a task, as far as the log keeps it. Answers themselves are not kept; what
// they meant is, and that is all the rules go by. For retelling.hpp, which decides recorded sagas again.
#pragma once

#include "engine/core/answer.hpp"
#include "engine/core/decide.hpp"

namespace skald::core {

struct Outcome {
  struct Done {
    Json output;                // of an action: after its output expression, which saw the answer
    std::optional<int> status;  // of an undo: what its service answered
  };
  struct Unusable {  // done, but its answer could not be used
    Problem error;
  };

  StepPath step;
  Operation operation = Operation::Action;
  std::variant<Done, Unusable, answer::Accepted, answer::Refused, answer::Failed, answer::Lost> what;
  bool sent_before = false;  // as in CallAnswered
};

// As decide() of the answer whose outcome this was.
Decision decide_again(const Definition& definition, const State& state, const Outcome& outcome,
                      const Context& context);

}  // namespace skald::core
