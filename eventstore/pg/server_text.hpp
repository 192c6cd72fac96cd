// What libpq says in words: with a line end, which nobody wants in a message.
#pragma once

#include <string>

namespace skald::store {

inline std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace skald::store
