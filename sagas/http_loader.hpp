// The `http` action of a step or of an undo: { service, method, path, query, headers, body }.
#pragma once

#include <cstddef>

#include "engine/core/definition.hpp"
#include "sagas/expression_use.hpp"

namespace skald::sagas {

// Faults for names that are none, that stand twice, or that the engine or the connection sets.
void check_header_names(const Yaml& headers, FaultList& faults);

// Faulty parts keep their defaults. The references of its expressions are judged later.
core::HttpAction read_http_action(const Yaml& node, ActionSide side, std::size_t step,
                                  ExpressionReader& expressions, FaultList& faults);

}  // namespace skald::sagas
