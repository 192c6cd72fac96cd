#include "engine/core/expression/search.hpp"

#include <cstring>

namespace skald::core {

std::size_t find_text(std::string_view text, std::string_view wanted) {
  if (wanted.empty()) return 0;
  // Two-way string matching (Crochemore and Perrin, 1991) in glibc and musl.
  const void* found = memmem(text.data(), text.size(), wanted.data(), wanted.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data())
               : std::string_view::npos;
}

}  // namespace skald::core
