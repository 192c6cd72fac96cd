// The kinds that wait: `waitFor` an event, `wait` for a while or until a time.
#pragma once

#include "engine/core/definition.hpp"
#include "sagas/expression_use.hpp"

namespace skald::sagas {

core::WaitFor read_wait_for(const Yaml& node, std::size_t step, ExpressionReader& expressions,
                            FaultList& faults);
core::Wait read_wait(const Yaml& node, std::size_t step, ExpressionReader& expressions, FaultList& faults);

}  // namespace skald::sagas
