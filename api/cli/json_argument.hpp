// A value on the command line: JSON as it stands, "@file", or "@-" for standard input.
#pragma once

#include <string>

#include "engine/base/error.hpp"
#include "engine/base/json.hpp"

namespace skald::api {

// Null where nothing was given. `option` is named in what is wrong: "--input".
Result<Json> json_argument(const std::string& option, const std::string& given);

}  // namespace skald::api
