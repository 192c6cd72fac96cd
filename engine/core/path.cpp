#include "engine/core/path.hpp"

#include <charconv>

#include "engine/base/check.hpp"

namespace skald::core {
namespace {

// In how many forEach a step stands.
std::size_t depth_of(const Definition& definition, const Step& step) {
  std::size_t depth = 0;
  for (auto owner = definition.blocks[step.block].owner; owner;
       owner = definition.blocks[definition.steps[*owner].block].owner)
    if (std::holds_alternative<ForEach>(definition.steps[*owner].kind)) ++depth;
  return depth;
}

}  // namespace

std::string_view id_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::string_view item_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot + 1);
}

Item parse_item(std::string_view item) {
  const std::size_t bracket = item.rfind('[');
  CHECK_THAT(bracket != std::string_view::npos, "an item is written lines[3].");
  Item parsed{item.substr(0, bracket), 0};
  std::from_chars(item.data() + bracket + 1, item.data() + item.size(), parsed.index);
  return parsed;
}

StepPath path_in(std::string_view for_each, std::size_t index, std::string_view id) {
  StepPath path(for_each);
  path += '[' + std::to_string(index) + "].";
  return path += id;
}

StepPath path_beside(std::string_view path, std::string_view id) {
  return StepPath(item_of(path)) += id;
}

std::optional<StepPath> container_of(const Definition& definition, const Step& step, std::string_view path) {
  const auto owner = definition.blocks[step.block].owner;
  if (!owner) return std::nullopt;
  const Step& container = definition.steps[*owner];
  if (std::holds_alternative<ForEach>(container.kind)) return StepPath(parse_item(item_of(path)).for_each);
  return path_beside(path, container.id);
}

std::optional<StepPath> path_seen_from(const Definition& definition, const Step& wanted,
                                       std::string_view path) {
  std::size_t end = 0;
  for (std::size_t depth = depth_of(definition, wanted); depth > 0; --depth) {
    const std::size_t dot = path.find('.', end);
    if (dot == std::string_view::npos) return std::nullopt;
    end = dot + 1;
  }
  return StepPath(path.substr(0, end)) += wanted.id;
}

}  // namespace skald::core
