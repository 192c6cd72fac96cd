// Whole files as text, for everything a person wrote: definitions, services, inputs.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/error.hpp"

namespace skald::api {

// What is no regular file, cannot be read, or is larger than any file of ours is an Error that names it.
Result<std::string> read_text_file(const std::filesystem::path& path);

}  // namespace skald::api
