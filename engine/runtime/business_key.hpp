// The business key that a definition gives to an input (semantics.md section 4).
#pragma once

#include <optional>
#include <string>

#include "engine/core/definition.hpp"

namespace skald::runtime {

// None: the definition declares none, and the saga's own id is its key.
Result<std::optional<std::string>> business_key_of(const core::Definition& definition, const Json& input);

}  // namespace skald::runtime
