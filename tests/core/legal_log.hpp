// legal_log: a second reading of the rules, over the events of one saga alone, written without the core's own
// state. It knows which events may follow which (invariants I4, I7 and I8 of reliability.md) and says what is
// wrong.
#pragma once

#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"

namespace skald::core::testing {

// Empty where the log is legal so far.
std::string fault_in(const Definition& definition, const std::vector<Event>& log);

}  // namespace skald::core::testing
