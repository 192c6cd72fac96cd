#include "sagas/explore/spot.hpp"

#include "sagas/explore/expressions.hpp"
#include "sagas/soundness/scope.hpp"

namespace skald::sagas {
namespace {

using Names = std::vector<std::string>;

Names behind(const core::Reference& reference, std::size_t count) {
  return {reference.begin() + static_cast<std::ptrdiff_t>(std::min(count, reference.size())),
          reference.end()};
}

std::optional<Spot> below(std::optional<Spot> spot, const Names& rest) {
  if (spot) spot->path.insert(spot->path.end(), rest.begin(), rest.end());
  return spot;
}

// The forEach around the step that gives the item this name.
std::optional<core::StepIndex> loop_named(const core::Definition& definition, core::StepIndex step,
                                          const std::string& name) {
  for (const core::StepIndex around : containers_of(definition, step)) {
    const auto* loop = std::get_if<core::ForEach>(&definition.steps[around].kind);
    if (loop && loop->as == name) return around;
  }
  return std::nullopt;
}

std::optional<Spot> spot_of_item(const core::Definition& definition, core::StepIndex reader,
                                 const core::Reference& reference) {
  const auto around = loop_named(definition, reader, reference.front());
  if (!around) return std::nullopt;
  const core::Template& in = std::get<core::ForEach>(definition.steps[*around].kind).in;
  const auto list = only_path(in.source(), in.references());
  if (!list) return std::nullopt;
  auto spot = below(spot_of(definition, *around, *list), {kElement});
  return below(std::move(spot), behind(reference, 1));
}

// `.steps.id.output…`
std::optional<Spot> spot_of_output(const core::Definition& definition, const core::Reference& reference) {
  const core::Step* step = definition.find_step(reference[1]);
  if (!step) return std::nullopt;
  const core::StepIndex index = definition.index_of(*step);
  const Names rest = behind(reference, 3);
  if (step->output) {
    const auto passed_on = only_path(step->output->source(), step->output->references());
    return passed_on ? below(spot_of(definition, index, *passed_on), rest) : std::nullopt;
  }
  if (is_answered(*step)) return Spot{step->id, rest};
  const auto* set = std::get_if<core::SetValues>(&step->kind);
  if (!set || rest.empty()) return std::nullopt;
  const Json* member = set->values.source().find(rest.front());
  const auto passed_on = member ? only_path(*member, set->values.references()) : std::nullopt;
  return passed_on ? below(spot_of(definition, index, *passed_on), behind(rest, 1)) : std::nullopt;
}

}  // namespace

bool is_answered(const core::Step& step) {
  if (std::holds_alternative<core::WaitFor>(step.kind)) return true;
  const auto* action = std::get_if<core::Action>(&step.kind);
  return action && !std::holds_alternative<core::EmitAction>(*action);
}

std::optional<Spot> spot_of(const core::Definition& definition, std::optional<core::StepIndex> reader,
                            const core::Reference& reference) {
  if (reference.empty()) return std::nullopt;
  const std::string& root = reference.front();
  const auto second_is = [&](const char* name) { return reference.size() > 1 && reference[1] == name; };
  if (root == "input") return Spot{"", behind(reference, 1)};
  if (root == "steps")
    return reference.size() > 2 && reference[2] == "output" ? spot_of_output(definition, reference)
                                                            : std::nullopt;
  if (!reader) return std::nullopt;
  const std::string& id = definition.steps[*reader].id;
  if (root == "response")
    return second_is("body") ? std::optional(Spot{id, behind(reference, 2)}) : std::nullopt;
  if (root == "event")
    return second_is("data") ? std::optional(Spot{id, behind(reference, 2)}) : std::nullopt;
  return spot_of_item(definition, *reader, reference);
}

}  // namespace skald::sagas
