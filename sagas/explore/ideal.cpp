#include "sagas/explore/ideal.hpp"

#include <algorithm>

#include "sagas/soundness/scope.hpp"

namespace skald::sagas {
namespace {

// An output may be made of that of a container, which stands before what it holds.
constexpr int kRounds = 2;

Json with(const Json& root, const std::string& name, Json value) {
  Json::Object members = root.as_object();
  members.set(name, std::move(value));
  return members;
}

}  // namespace

Ideal::Ideal(const core::Definition& definition, const Given& given)
    : definition_(definition), given_(given) {
  for (int round = 0; round < kRounds; ++round)
    for (core::StepIndex i = 0; i < definition.steps.size(); ++i)
      outputs_[definition.steps[i].id] = output_of(i);
}

std::vector<Json> Ideal::roots(std::optional<core::StepIndex> reader) const {
  std::vector<Json> roots = {base()};
  if (!reader) return roots;
  const Json answer = given(definition_.steps[*reader].id);
  roots[0] = with(roots[0], "response",
                  Json::object({{"status", 200}, {"headers", Json::Object{}}, {"body", answer}}));
  roots[0] = with(roots[0], "event",
                  Json::object({{"name", "event"}, {"data", answer}, {"time", "2026-01-01T00:00:00Z"}}));
  auto around = containers_of(definition_, *reader);
  std::reverse(around.begin(), around.end());
  for (const core::StepIndex container : around) {
    const auto* loop = std::get_if<core::ForEach>(&definition_.steps[container].kind);
    if (!loop) continue;
    std::vector<Json> inside;
    for (const Json& root : roots)
      if (const auto items = loop->in.evaluate(root); items && items->is_array())
        for (const Json& item : items->as_array()) inside.push_back(with(root, loop->as, item));
    roots = std::move(inside);
  }
  return roots;
}

Json::Object Ideal::base() const {
  Json::Object steps, root;
  for (const auto& [id, output] : outputs_)
    steps.append(id, Json::object({{"output", output}, {"status", "succeeded"}}));
  root.append("input", given(""));
  root.append("saga", Json::object({{"id", "0198c1f2-0000-7000-8000-000000000000"},
                                    {"name", definition_.name},
                                    {"version", 1},
                                    {"businessKey", "key"},
                                    {"startedAt", "2026-01-01T00:00:00Z"}}));
  root.append("steps", Json(std::move(steps)));
  root.append("error",
              Json::object({{"type", "rejected"}, {"title", "Refused"}, {"status", 409}, {"detail", ""}}));
  return root;
}

Json Ideal::given(std::string_view source) const {
  const auto found = given_.find(source);
  return found == given_.end() ? Json() : found->second;
}

// Of the first item; null where it cannot be evaluated.
Json Ideal::declared(core::StepIndex step, const core::Template& value) const {
  const auto seen = roots(step);
  if (seen.empty()) return {};
  const auto result = value.evaluate(seen.front());
  return result ? *result : Json();
}

Json Ideal::output_of(core::StepIndex index) const {
  const core::Step& step = definition_.steps[index];
  if (step.output) return declared(index, *step.output);
  if (const auto* set = std::get_if<core::SetValues>(&step.kind)) return declared(index, set->values);
  if (const auto* loop = std::get_if<core::ForEach>(&step.kind)) return outputs_of_items(index, *loop);
  const auto* action = std::get_if<core::Action>(&step.kind);
  if (action && std::holds_alternative<core::EmitAction>(*action)) return Json::object({{"reached", 1}});
  return given(step.id);
}

Json Ideal::outputs_of_items(core::StepIndex index, const core::ForEach& loop) const {
  const Json items = declared(index, loop.in);
  if (!items.is_array()) return {};
  Json::Object one;
  for (const core::StepIndex inside : definition_.blocks[loop.block].steps) {
    const auto output = outputs_.find(definition_.steps[inside].id);
    one.append(definition_.steps[inside].id, output == outputs_.end() ? Json() : output->second);
  }
  return Json::Array(items.as_array().size(), Json(one));
}

}  // namespace skald::sagas
