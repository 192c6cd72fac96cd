// scope: what expressions see (language.md, "Expressions"). Built for the paths that an expression reads, so
// that its cost does not grow with the steps of the saga.
#pragma once

#include <string_view>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

// .input, .saga, .steps, the items of every forEach around, and .error in an undo, as the step at `path` sees
// them
// ("" for the saga as a whole). Only what one of `reads` begins with is there.
Json scope(const Definition& definition, const State& state, std::string_view path,
           const std::vector<Reference>& reads);

// One value more that only this place sees: .response, .event, .secrets.
Json with_root(const Json& scope, std::string name, Json value);

// An expression that sees the scope and nothing more.
Result<Json> evaluate(const Template& value, const Definition& definition, const State& state,
                      std::string_view path);
// The same with one more root.
Result<Json> evaluate(const Template& value, const Definition& definition, const State& state,
                      std::string_view path, std::string root, Json root_value);

// As jq decides: null and false are false, everything else is true.
bool is_true(const Json& value);

// The list of a forEach; an Error where its expression fails or gives no list.
Result<Json> items_of(const Definition& definition, const State& state, std::string_view for_each);
// The state with the items of each forEach remembered: what a fold of the log does not know, and what the
// items' expressions would otherwise ask for again and again.
State recall_items(const Definition& definition, State state);

}  // namespace skald::core
