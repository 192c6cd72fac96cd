#include "engine/core/definition.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace skald::core {

StepIndex Definition::add(Step step, BlockIndex block) {
  const StepIndex index = steps.size();
  step.block = block;
  step.position = blocks[block].steps.size();
  blocks[block].steps.push_back(index);
  by_id_.insert(first_from(step.id), index);
  steps.push_back(std::move(step));
  return index;
}

BlockIndex Definition::add_block(StepIndex owner) {
  blocks.push_back({owner, {}});
  return blocks.size() - 1;
}

std::vector<StepIndex>::const_iterator Definition::first_from(std::string_view id) const {
  return std::lower_bound(by_id_.begin(), by_id_.end(), id,
                          [&](StepIndex index, std::string_view wanted) { return steps[index].id < wanted; });
}

const Step* Definition::find_step(std::string_view id) const {
  const auto found = first_from(id);
  return found == by_id_.end() || steps[*found].id != id ? nullptr : &steps[*found];
}

bool Definition::waits_for(std::string_view event) const {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    const auto* wait = std::get_if<WaitFor>(&step.kind);
    return wait && wait->event == event;
  });
}

bool Definition::is_cancelled_by(std::string_view event) const {
  return std::any_of(cancel_on.begin(), cancel_on.end(),
                     [&](const CancelOn& on) { return on.event == event; });
}

std::optional<StepIndex> Definition::pivot() const {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) { return step.pivot; });
  if (found == steps.end()) return std::nullopt;
  return static_cast<StepIndex>(found - steps.begin());
}

std::string_view to_text(HttpMethod method) {
  switch (method) {
    case HttpMethod::Get: return "GET";
    case HttpMethod::Head: return "HEAD";
    case HttpMethod::Post: return "POST";
    case HttpMethod::Put: return "PUT";
    case HttpMethod::Patch: return "PATCH";
    case HttpMethod::Delete: return "DELETE";
  }
  check_failed("method", __FILE__, __LINE__, "every HTTP method has its name");
}

}  // namespace skald::core
