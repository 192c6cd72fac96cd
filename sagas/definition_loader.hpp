// load_definition: from the text of a NAME.saga.yaml to a definition that is checked and compiled, or to
// every fault of the file with its place. The same text always gives the same definition; `skald validate`,
// the API's PUT, the file watcher and recovery all come through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/definition.hpp"
#include "sagas/fault.hpp"

namespace skald::sagas {

class ServiceRegistry;

// Every step has a place in a saga's state and a walk through `plan`; a longer process is made of child
// sagas.
inline constexpr std::size_t kMaxSteps = 1'000;

struct LoadedDefinition {
  std::optional<core::Definition> definition;  // none: `faults` holds an error. Its version is 0.
  Json canonical;             // the document without comments and places; null where it is none
  std::vector<Fault> faults;  // errors and warnings, by place
};

// `file` names the text in faults. Without a registry the names of services are not checked.
LoadedDefinition load_definition(std::string_view text, std::string file, const ServiceRegistry* services);

}  // namespace skald::sagas
