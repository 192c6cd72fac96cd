// The texts of projections/builtin/*.view.yaml, as the build put them into the program.
#pragma once

#include <string_view>
#include <vector>

namespace skald::views {

struct BuiltinSource {
  std::string_view file;  // "skald-sagas.view.yaml"
  std::string_view text;
};

const std::vector<BuiltinSource>& builtin_sources();  // by name

}  // namespace skald::views
