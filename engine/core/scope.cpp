#include "engine/core/scope.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/core/path.hpp"

namespace skald::core {
namespace {

bool reads_root(const std::vector<Reference>& reads, std::string_view root) {
  return std::any_of(reads.begin(), reads.end(), [&](const Reference& reference) {
    return reference.empty() || reference.front() == root;
  });
}

// Whether all of a root's members may be read, and not one by one.
bool reads_whole(const std::vector<Reference>& reads, std::string_view root) {
  return std::any_of(reads.begin(), reads.end(), [&](const Reference& reference) {
    return reference.empty() || (reference.size() == 1 && reference.front() == root);
  });
}

bool reads_member(const std::vector<Reference>& reads, std::string_view root, std::string_view member) {
  return std::any_of(reads.begin(), reads.end(), [&](const Reference& reference) {
    return reference.size() > 1 && reference.front() == root && reference[1] == member;
  });
}

Json saga_value(const Definition& definition, const State& state, const std::vector<Reference>& reads) {
  const bool whole = reads_whole(reads, "saga");
  Json::Object saga;
  const auto add = [&](const char* name, const auto& value) {
    if (whole || reads_member(reads, "saga", name)) saga.append(name, value());
  };
  add("id", [&] { return to_text(state.id); });
  add("name", [&] { return definition.name; });
  add("version", [&] { return definition.version; });
  add("businessKey", [&] { return state.business_key; });
  add("startedAt", [&] { return to_rfc3339(state.started_at); });
  return saga;
}

class StepsValue {
 public:
  StepsValue(const Definition& definition, const State& state, std::string_view path)
      : definition_(definition), state_(state), path_(path) {}

  void add(std::string_view id) {
    const Step* step = definition_.find_step(id);
    if (step && !steps_.find(id)) add(*step);
  }
  void add_all() {
    for (const Step& step : definition_.steps) add(step);
  }
  Json value() && { return std::move(steps_); }

 private:
  void add(const Step& step) {
    const auto path = path_seen_from(definition_, step, path_);
    const StepState* known = path ? state_.find_step(*path) : nullptr;
    if (known)
      steps_.append(step.id, Json::object({{"output", known->output}, {"status", to_text(known->forward)}}));
  }

  const Definition& definition_;
  const State& state_;
  std::string_view path_;
  Json::Object steps_;
};

Json steps_value(const Definition& definition, const State& state, std::string_view path,
                 const std::vector<Reference>& reads) {
  StepsValue steps(definition, state, path);
  if (reads_whole(reads, "steps")) {
    steps.add_all();
  } else {
    for (const Reference& reference : reads)
      if (reference.size() > 1 && reference.front() == "steps") steps.add(reference[1]);
  }
  return std::move(steps).value();
}

// The items of the forEach around the step, the outer ones first.
void add_items(Json::Object& members, const Definition& definition, const State& state, std::string_view path,
               const std::vector<Reference>& reads) {
  const std::string_view around = item_of(path);
  if (around.empty()) return;
  const Item item = parse_item(around);
  add_items(members, definition, state, item.for_each, reads);
  const Step* step = definition.find_step(id_of(item.for_each));
  CHECK_THAT(step && std::holds_alternative<ForEach>(step->kind), "items belong to a forEach");
  const std::string& name = std::get<ForEach>(step->kind).as;
  if (!reads_root(reads, name)) return;
  const auto items = items_of(definition, state, item.for_each);
  const bool there = items && item.index < items->as_array().size();
  members.set(name, there ? items->as_array()[item.index] : Json());
}

}  // namespace

Json scope(const Definition& definition, const State& state, std::string_view path,
           const std::vector<Reference>& reads) {
  Json::Object members;
  if (reads_root(reads, "input")) members.append("input", state.input);
  if (reads_root(reads, "saga")) members.append("saga", saga_value(definition, state, reads));
  if (reads_root(reads, "steps")) members.append("steps", steps_value(definition, state, path, reads));
  if (state.is_undoing() && state.error && reads_root(reads, "error"))
    members.append("error", to_json(*state.error));
  add_items(members, definition, state, path, reads);
  return members;
}

Json with_root(const Json& scope, std::string name, Json value) {
  Json::Object members = scope.as_object();
  members.set(std::move(name), std::move(value));
  return members;
}

Result<Json> evaluate(const Template& value, const Definition& definition, const State& state,
                      std::string_view path) {
  return value.evaluate(scope(definition, state, path, value.references()));
}

Result<Json> evaluate(const Template& value, const Definition& definition, const State& state,
                      std::string_view path, std::string root, Json root_value) {
  return value.evaluate(
      with_root(scope(definition, state, path, value.references()), std::move(root), std::move(root_value)));
}

bool is_true(const Json& value) {
  return !value.is_null() && !(value.is_boolean() && !value.as_boolean());
}

Result<Json> items_of(const Definition& definition, const State& state, std::string_view for_each) {
  if (const Json* known = state.memo.items.find(for_each)) return *known;
  const Step* step = definition.find_step(id_of(for_each));
  CHECK_THAT(step && std::holds_alternative<ForEach>(step->kind), "items are asked for of a forEach");
  auto items = evaluate(std::get<ForEach>(step->kind).in, definition, state, for_each);
  if (!items) return invalid("in: " + items.error().message);
  if (!items->is_array()) return invalid("in: this is no list");
  return items;
}

State recall_items(const Definition& definition, State state) {
  const auto steps = state.steps;
  for (const auto& [path, step] : steps) {
    if (!step.request.items) continue;
    if (auto items = items_of(definition, state, path)) state.memo.items.set(path, std::move(*items));
  }
  return state;
}

}  // namespace skald::core
