// Reads a NAME.service.yaml. All faults of the file are found, each with its place; what has an error is no
// declaration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sagas/fault.hpp"
#include "sagas/sandbox/declaration.hpp"

namespace skald::sandbox {

struct LoadedDeclaration {
  std::optional<Declaration> declaration;  // none where there are errors
  std::vector<sagas::Fault> faults;        // errors and warnings
};

LoadedDeclaration load_declaration(std::string_view text, std::string file);

}  // namespace skald::sandbox
