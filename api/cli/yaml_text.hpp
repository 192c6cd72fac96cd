// JSON as YAML for people to read (`-o yaml`): block style, texts quoted only where YAML would read them as
// something else.
#pragma once

#include <string>

#include "engine/base/json.hpp"

namespace skald::api {

// Ends with a line break.
std::string yaml_text(const Json& value);

}  // namespace skald::api
