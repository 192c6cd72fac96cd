// What the functions do that take a value, and some of them an argument, to a value.
#pragma once

#include "engine/core/expression/code.hpp"

namespace skald::core {

// `argument` is null for functions without one. Messages name kinds and never values: what an expression sees
// may be a secret, and errors are stored.
Result<Json> call_function(Function function, const Json& input, const Json* argument, Meter& meter);

}  // namespace skald::core
