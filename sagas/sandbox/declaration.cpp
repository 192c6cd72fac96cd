#include "sagas/sandbox/declaration.hpp"

#include <algorithm>

namespace skald::sandbox {
namespace {

template <class Items>
auto* find_named(const Items& items, std::string_view name) {
  const auto at =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  return at == items.end() ? nullptr : &*at;
}

}  // namespace

const Field* Resource::find_field(std::string_view field) const {
  return find_named(fields, field);
}

const State* Resource::find_state(std::string_view state) const {
  return find_named(states, state);
}

bool Resource::allows(std::string_view from, std::string_view to) const {
  const State* state = find_state(from);
  return state && std::find(state->next.begin(), state->next.end(), to) != state->next.end();
}

const Resource* Declaration::find_resource(std::string_view resource) const {
  return find_named(resources, resource);
}

}  // namespace skald::sandbox
