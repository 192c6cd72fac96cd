// Where one text lies in another, in linear time whatever both hold: std::string::find can be made quadratic
// by whoever chooses the texts, and these come from outside.
#pragma once

#include <string_view>

namespace skald::core {

// The first place, or npos.
std::size_t find_text(std::string_view text, std::string_view wanted);

}  // namespace skald::core
