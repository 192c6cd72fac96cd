#include "sagas/soundness/scope.hpp"

#include <algorithm>

namespace skald::sagas {
namespace {

template <class Kind>
bool is(const core::Definition& definition, core::StepIndex step) {
  return std::holds_alternative<Kind>(definition.steps[step].kind);
}

// From the saga's own sequence down to the step itself.
std::vector<core::StepIndex> way_to(const core::Definition& definition, core::StepIndex step) {
  std::vector<core::StepIndex> way = containers_of(definition, step);
  std::reverse(way.begin(), way.end());
  way.push_back(step);
  return way;
}

// Whether a forEach stands on the way, from that level on and above the step itself.
bool enters_items(const core::Definition& definition, const std::vector<core::StepIndex>& way,
                  std::size_t level) {
  for (; level + 1 < way.size(); ++level)
    if (is<core::ForEach>(definition, way[level])) return true;
  return false;
}

Sight apart(const core::Definition& definition, core::StepIndex container) {
  return is<core::Switch>(definition, container) ? Sight::OtherCase : Sight::OtherBranch;
}

}  // namespace

std::vector<core::StepIndex> containers_of(const core::Definition& definition, core::StepIndex step) {
  std::vector<core::StepIndex> containers;
  for (auto owner = definition.blocks[definition.steps[step].block].owner; owner;
       owner = definition.blocks[definition.steps[*owner].block].owner)
    containers.push_back(*owner);
  return containers;
}

std::vector<std::string> items_of(const core::Definition& definition, core::StepIndex step) {
  std::vector<std::string> names;
  for (const core::StepIndex container : containers_of(definition, step))
    if (const auto* each = std::get_if<core::ForEach>(&definition.steps[container].kind))
      names.push_back(each->as);
  return names;
}

Sight sight(const core::Definition& definition, std::optional<core::StepIndex> reader,
            core::StepIndex other) {
  const auto theirs = way_to(definition, other);
  const auto ours = reader ? way_to(definition, *reader) : std::vector<core::StepIndex>{};
  std::size_t level = 0;
  while (level < ours.size() && level < theirs.size() && ours[level] == theirs[level]) ++level;

  if (level == ours.size() && reader) {
    if (level == theirs.size()) return Sight::Itself;
    return enters_items(definition, theirs, level - 1) ? Sight::OfItems : Sight::Inside;
  }
  if (level == theirs.size()) return Sight::Around;
  if (reader) {
    const core::Step& here = definition.steps[ours[level]];
    const core::Step& there = definition.steps[theirs[level]];
    if (here.block != there.block) return apart(definition, ours[level - 1]);
    if (there.position > here.position) return Sight::Later;
  }
  return enters_items(definition, theirs, level) ? Sight::OfItems : Sight::Earlier;
}

Doubt doubt(const core::Definition& definition, core::StepIndex reader, core::StepIndex other) {
  const core::Step& step = definition.steps[other];
  if (step.condition && reader != other) return Doubt::Skipped;
  if (step.optional) return Doubt::GivenUp;
  const auto* wait = std::get_if<core::WaitFor>(&step.kind);
  if (wait != nullptr && wait->timeout && wait->on_timeout == core::OnTimeout::Continue)
    return Doubt::NoEvent;
  const auto around_reader = containers_of(definition, reader);
  for (const core::StepIndex container : containers_of(definition, other)) {
    if (std::find(around_reader.begin(), around_reader.end(), container) != around_reader.end()) break;
    if (is<core::Switch>(definition, container) || definition.steps[container].condition)
      return Doubt::Skipped;
  }
  return Doubt::None;
}

}  // namespace skald::sagas
