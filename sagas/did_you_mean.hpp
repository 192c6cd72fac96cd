// The word somebody probably meant, for messages about unknown keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald::sagas {

// `; did you mean "type"?`, or "" where nothing known is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace skald::sagas
