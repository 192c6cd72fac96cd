// The little that the language needs to know of UTF-8: jq counts and splits by code points.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skald::core {

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);

// These take valid UTF-8.
std::size_t code_point_count(std::string_view text);
std::vector<std::string_view> code_points(std::string_view text);

void append_code_point(std::string& out, char32_t code_point);

}  // namespace skald::core
