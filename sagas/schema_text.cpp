#include "sagas/schema_text.hpp"

#include <algorithm>
#include <map>

#include "sagas/schema_decimal.hpp"

namespace skald::sagas {

std::string shown(std::string text) {
  constexpr std::size_t kMaxShownBytes = 60;
  if (text.size() <= kMaxShownBytes) return text;
  std::size_t end = kMaxShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // no half characters
  return text.substr(0, end) + "…";
}

std::string described(const Json& value) {
  switch (value.kind()) {
    case Json::Kind::Null:
    case Json::Kind::Boolean:
    case Json::Kind::Number: return shown(value.dump());
    case Json::Kind::String: return "a string";
    case Json::Kind::Array: return "an array";
    case Json::Kind::Object: return "an object";
  }
  return "";
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::uint64_t code_points(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string exact_key(const Json& value) {
  if (value.is_number()) return to_text(decimal_of(value));
  if (value.is_array()) {
    std::string key = "[";
    for (const Json& item : value.as_array()) key += exact_key(item) + ',';
    return key + ']';
  }
  if (!value.is_object()) return value.dump();
  std::map<std::string_view, const Json*> members;
  for (const auto& [name, member] : value.as_object()) members.emplace(name, &member);
  std::string key = "{";
  for (const auto& [name, member] : members) {
    append_json_string(key, name);
    key += ':' + exact_key(*member) + ',';
  }
  return key + '}';
}

std::string in_words(const std::vector<std::string>& parts, std::string_view separator) {
  constexpr std::size_t kMaxShown = 8;
  std::string words;
  for (std::size_t i = 0; i < parts.size() && i < kMaxShown; ++i)
    words += (i == 0 ? "" : std::string(separator)) + parts[i];
  if (parts.size() > kMaxShown) words += std::string(separator) + "…";
  return words;
}

std::string pointer_to(std::string pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

}  // namespace skald::sagas
