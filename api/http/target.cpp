#include "api/http/target.hpp"

#include <algorithm>

#include "engine/base/hex.hpp"

namespace skald::api {

namespace {

// How many bytes the UTF-8 sequence at the front has; 0 when it is none (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_high = first == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Result<std::vector<std::string>> parse_segments(std::string_view path) {
  std::vector<std::string> segments;
  if (path == "*" || path == "/") return segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto raw = path.substr(0, path.find('/'));
    auto segment = percent_decoded(raw);
    if (!segment) return segment.error();
    segments.push_back(*std::move(segment));
    path.remove_prefix(raw.size());
  }
  return segments;
}

Result<std::string> decoded_form_text(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decoded(blanks);
}

Result<Fields> parse_query(std::string_view query) {
  Fields fields;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decoded_form_text(pair.substr(0, equals));
    if (!name) return name.error();
    auto value = decoded_form_text(pair.substr(std::min(equals + 1, pair.size())));
    if (!value) return value.error();
    fields.emplace_back(*std::move(name), *std::move(value));
  }
  return fields;
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return invalid("a % in the target is not followed by two hexadecimal digits");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos) return invalid("the target holds %00");
  if (!is_utf8(decoded)) return invalid("the target is not UTF-8 once it is percent-decoded");
  return decoded;
}

Result<Target> parse_target(std::string_view text) {
  if (text.find('#') != std::string_view::npos) return invalid("a fragment does not belong into a request");
  if (text != "*" && !text.starts_with('/')) return invalid("the target does not begin with /");
  const auto path = text.substr(0, text.find('?'));
  auto segments = parse_segments(path);
  if (!segments) return segments.error();
  auto query = parse_query(text.substr(std::min(path.size() + 1, text.size())));
  if (!query) return query.error();
  return Target{std::string(path), *std::move(segments), *std::move(query)};
}

}  // namespace skald::api
