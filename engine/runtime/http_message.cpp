#include "engine/runtime/http_message.hpp"

#include <algorithm>

namespace skald::runtime {

namespace {
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
}  // namespace

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_field(const HttpFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (same_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

}  // namespace skald::runtime
