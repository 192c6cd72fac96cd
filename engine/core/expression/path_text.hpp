// Paths of URLs as texts: what data may put into one, and what would leave it (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace skald::core {

// Section 2.3: what needs no encoding anywhere.
bool is_unreserved(char c);

// Everything but unreserved characters as %XX, '/' included.
std::string percent_encoded(std::string_view text);

// Whether a segment is "." or "..", whose dots a service may also read from "%2e".
bool has_dot_segment(std::string_view path);

}  // namespace skald::core
