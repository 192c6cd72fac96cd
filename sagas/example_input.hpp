// An input that fits a schema, for the first command somebody tries and for the histories of explore/:
// examples and defaults where the schema has them, else the shortest value of its type that tells what it
// stands for.
#pragma once

#include <string>

#include "engine/base/json.hpp"

namespace skald::sagas {

// `name` is what a text says where nothing better is known. Schemas of every kind give something; whether it
// fits in the end is for the validator to say.
Json example_input(const Json& schema, const std::string& name = "example");

}  // namespace skald::sagas
