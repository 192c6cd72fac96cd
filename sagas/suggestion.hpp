// What to write instead of a word that is not known here: the remedy of every fault about an unknown word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald::sagas {

// "did you mean 'steps'?", else "known here: a, b, c", else "" where nothing is known.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace skald::sagas
