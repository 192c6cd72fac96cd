// Step paths: a step's id at the top level and inside of branches and cases; inside a forEach the item before
// it: "lines[3].reserve". Ids hold neither dots nor brackets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"

namespace skald::core {

// "reserve" of "lines[3].reserve".
std::string_view id_of(std::string_view path);
// "lines[3]." of "lines[3].reserve"; empty outside of every forEach.
std::string_view item_of(std::string_view path);

struct Item {
  std::string_view for_each;  // the path of the forEach
  std::size_t index = 0;
};
// The item that a non-empty item_of() names.
Item parse_item(std::string_view item);

// The path of a step inside the item of that index.
StepPath path_in(std::string_view for_each, std::size_t index, std::string_view id);
// The path of a step that stands in the same item.
StepPath path_beside(std::string_view path, std::string_view id);

// The path of the container around that step; none at the top level.
std::optional<StepPath> container_of(const Definition& definition, const Step& step, std::string_view path);
// The path of `wanted` as a step at `path` sees it: in the items they have in common. None where `wanted`
// stands in items of its own.
std::optional<StepPath> path_seen_from(const Definition& definition, const Step& wanted,
                                       std::string_view path);

}  // namespace skald::core
