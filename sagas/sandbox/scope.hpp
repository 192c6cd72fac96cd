// What an expression of a service file can read where it stands. A name that is not there is a fault at load,
// not a null at run time.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sagas/sandbox/declaration.hpp"
#include "sagas/yaml.hpp"

namespace skald::sandbox {

// Names and what lies below them; without any, everything may be there (a body, a stored answer).
struct Scope {
  std::map<std::string, Scope> members;
};

// Compiles the value with its expressions and checks what they read. Nothing where there is a fault.
std::optional<Template> read_template(const sagas::Yaml& value, const Scope& scope, sagas::FaultList& faults);

}  // namespace skald::sandbox
