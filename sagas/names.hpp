// What the things of a definition may be called. Names stand in URLs, in idempotency keys and in expressions,
// so each kind of name has letters that are safe there.
#pragma once

#include <optional>
#include <string>

#include "sagas/yaml.hpp"

namespace skald::sagas {

enum class NameOf { Saga, Step, Branch, Event, Queue, Item, View, Column };

// A text that cannot be such a name is a fault, and comes back all the same: references to it are then not
// reported a second time.
std::optional<std::string> read_name(const Yaml& value, NameOf what, FaultList& faults);

// The same of a key of a map.
void check_name(const std::string& name, Place place, NameOf what, FaultList& faults);

}  // namespace skald::sagas
