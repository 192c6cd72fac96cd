// Values, counts and places as texts: for the messages of schemas, and to compare values exactly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"

namespace skald::sagas {

// What a value is, after "must be a string, is …": "an array", "null", "1.5".
std::string described(const Json& value);
// A text cut to what fits into a message.
std::string shown(std::string text);
// "1 item", "3 items".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
// A list for a message, cut short where it is long: `"a", "b", …`.
std::string in_words(const std::vector<std::string>& parts, std::string_view separator);

// RFC 6901: the pointer one level further down.
std::string pointer_to(std::string pointer, std::string_view key);

// Equal values, in the sense of JSON Schema (numbers exactly, members in any order), have equal keys.
std::string exact_key(const Json& value);

std::uint64_t code_points(std::string_view utf8);

}  // namespace skald::sagas
