#include "eventstore/storable.hpp"

#include <charconv>

namespace skald::store {

namespace {

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// The four digits of a \uXXXX whose backslash stands at `at`; nothing where there is no such escape.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* digits = text.data() + at + 2;
  const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
  if (error != std::errc{} || end != digits + 4) return std::nullopt;
  return unit;
}

bool is_deeper_than(std::size_t levels, std::string_view payload) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < payload.size(); ++at) {
    const char c = payload[at];
    if (in_text && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (!in_text && (c == '{' || c == '[')) {
      if (++depth > levels) return true;
    } else if (!in_text && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string> why_unstorable(std::string_view payload) {
  if (payload.size() > kMaxPayloadBytes) {
    return "a payload of " + std::to_string(payload.size()) + " bytes is beyond the limit of " +
           std::to_string(kMaxPayloadBytes);
  }
  if (is_deeper_than(kMaxPayloadDepth, payload))
    return "a payload is nested deeper than " + std::to_string(kMaxPayloadDepth) + " levels";
  for (auto at = payload.find('\\'); at != payload.npos; at = payload.find('\\', at)) {
    const auto unit = escaped_unit(payload, at);
    if (!unit) {
      at += 2;  // an escape of one character, whose character may itself be a backslash
      continue;
    }
    if (*unit == 0) return "a payload contains \\u0000";
    if (is_low_surrogate(*unit)) return "a payload contains a lone surrogate";
    if (is_high_surrogate(*unit)) {
      const auto next = escaped_unit(payload, at + 6);
      if (!next || !is_low_surrogate(*next)) return "a payload contains a lone surrogate";
      at += 6;
    }
    at += 6;
  }
  return std::nullopt;
}

std::optional<std::string> why_unstorable(const Append& append) {
  for (const auto& event : append.events) {
    if (auto why = why_unstorable(event.payload)) return why;
  }
  return std::nullopt;
}

}  // namespace skald::store
