// Characters and sets of them, as patterns know them: Unicode code points (ECMA 262 with the flag "u").
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::sagas {

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

// Ranges, both ends included; sorted and apart from one another once normalised.
using CharacterSet = std::vector<std::pair<char32_t, char32_t>>;

CharacterSet normalised(CharacterSet set);
CharacterSet complement(const CharacterSet& set);
// The set that \d, \D, \w, \W, \s or \S stands for, by its letter.
std::optional<CharacterSet> named_class(char32_t letter);
// The set of the dot.
CharacterSet any_but_line_ends();

bool is_word_character(char32_t character);

// Takes the next code point off a UTF-8 text that is not empty; a broken byte counts as U+FFFD.
char32_t take_code_point(std::string_view& text);

}  // namespace skald::sagas
