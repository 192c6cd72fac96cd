#include "sagas/schema_format.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "engine/base/hex.hpp"

#include "sagas/ascii.hpp"
#include "sagas/schema_pattern.hpp"

namespace skald::sagas {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

// Exactly `length` digits from `at`, as a number.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t length) {
  if (at + length > text.size()) return std::nullopt;
  const auto part = text.substr(at, length);
  if (!std::all_of(part.begin(), part.end(), is_digit)) return std::nullopt;
  int value = 0;
  std::from_chars(part.data(), part.data() + part.size(), value);
  return value;
}

// RFC 3339 section 5.6, full-date.
bool is_date(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (text.size() != 10 || !year || !month || !day || text[4] != '-' || text[7] != '-') return false;
  return std::chrono::year_month_day{std::chrono::year{*year},
                                     std::chrono::month{static_cast<unsigned>(*month)},
                                     std::chrono::day{static_cast<unsigned>(*day)}}
      .ok();
}

// The offset of a time in minutes: "Z" or "+01:30".
std::optional<int> offset_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const auto hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (text.size() != 6 || !one_of(text[0], "+-") || text[3] != ':' || !hours || !minutes) return std::nullopt;
  if (*hours > 23 || *minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

// RFC 3339 section 5.6, full-time. A leap second is one only at the end of a day in UTC.
bool is_time(std::string_view text) {
  const auto hour = digits(text, 0, 2), minute = digits(text, 3, 2), second = digits(text, 6, 2);
  if (!hour || !minute || !second || text[2] != ':' || text[5] != ':') return false;
  if (*hour > 23 || *minute > 59 || *second > 60) return false;
  text.remove_prefix(8);
  if (!text.empty() && text.front() == '.') {
    const auto end = std::find_if_not(text.begin() + 1, text.end(), is_digit);
    if (end == text.begin() + 1) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
  const auto offset = offset_minutes(text);
  if (!offset) return false;
  constexpr int kDay = 24 * 60;
  return *second < 60 || (*hour * 60 + *minute - *offset + kDay) % kDay == kDay - 1;
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && one_of(text[10], "Tt") && is_date(text.substr(0, 10)) &&
         is_time(text.substr(11));
}

// RFC 1123 section 2.1.
bool is_hostname(std::string_view text) {
  constexpr std::size_t kMaxName = 253, kMaxLabel = 63;
  if (text.empty() || text.size() > kMaxName) return false;
  for (bool more = true; more;) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    const bool plain = std::all_of(label.begin(), label.end(),
                                   [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
    if (label.empty() || label.size() > kMaxLabel || !plain || label.front() == '-' || label.back() == '-')
      return false;
    more = dot != std::string_view::npos;
    if (more) text.remove_prefix(dot + 1);
  }
  return true;
}

template <int kFamily>
bool is_address(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return text.find('\0') == std::string_view::npos &&
         inet_pton(kFamily, std::string(text).c_str(), bytes.data()) == 1;
}

// RFC 5321 section 4.1.2, without quoted local parts.
bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const auto local = text.substr(0, at), domain = text.substr(at + 1);
  const bool plain = std::all_of(local.begin(), local.end(), [](char c) {
    return is_letter(c) || is_digit(c) || one_of(c, ".!#$%&'*+-/=?^_`{|}~");
  });
  if (!plain || local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return false;
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']')
    return is_address<AF_INET>(domain.substr(1, domain.size() - 2));
  return is_hostname(domain);
}

// RFC 9562 section 4.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : hex_value(text[i]) < 0) return false;
  }
  return true;
}

// RFC 3986: the characters and escapes that a URI may hold.
bool has_uri_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return false;
    } else if (!is_letter(c) && !is_digit(c) && !one_of(c, "-._~:/?#[]@!$&'()*+,;=")) {
      return false;
    }
  }
  const auto fragment = text.find('#');
  return fragment == std::string_view::npos || text.find('#', fragment + 1) == std::string_view::npos;
}

// The length of "scheme:", or 0.
std::size_t scheme_length(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(),
                                    [](char c) { return is_letter(c) || is_digit(c) || one_of(c, "+-."); });
  const bool scheme = end != text.begin() && end != text.end() && *end == ':' && is_letter(text.front());
  return scheme ? static_cast<std::size_t>(end - text.begin()) + 1 : 0;
}

// Brackets hold an IPv6 address in the authority and stand nowhere else; a port is a number.
bool has_good_authority(std::string_view hierarchy) {
  const auto end = hierarchy.starts_with("//") ? hierarchy.find_first_of("/?#", 2) : 0;
  const auto rest = end == std::string_view::npos ? std::string_view{} : hierarchy.substr(end);
  if (rest.find_first_of("[]") != std::string_view::npos) return false;
  if (!hierarchy.starts_with("//")) return true;
  auto host = hierarchy.substr(2, end == std::string_view::npos ? end : end - 2);
  if (const auto at = host.rfind('@'); at != std::string_view::npos) {
    if (host.substr(0, at).find_first_of("[]@") != std::string_view::npos) return false;
    host.remove_prefix(at + 1);
  }
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    if (close == std::string_view::npos || !is_address<AF_INET6>(host.substr(1, close - 1))) return false;
    host.remove_prefix(close + 1);
  }
  const auto colon = host.find(':');
  const auto name = host.substr(0, colon);
  const auto port = colon == std::string_view::npos ? std::string_view{} : host.substr(colon + 1);
  return name.find_first_of("[]") == std::string_view::npos &&
         std::all_of(port.begin(), port.end(), is_digit);
}

bool is_uri(std::string_view text) {
  const auto scheme = scheme_length(text);
  return scheme > 0 && has_uri_characters(text) && has_good_authority(text.substr(scheme));
}

// A relative reference must not look as if it had a scheme: no colon in its first segment.
bool is_uri_reference(std::string_view text) {
  if (is_uri(text)) return true;
  const auto first_segment = text.substr(0, text.find_first_of("/?#"));
  return first_segment.find(':') == std::string_view::npos && has_uri_characters(text) &&
         has_good_authority(text);
}

// RFC 6901.
bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || !one_of(text[i + 1], "01"))) return false;
  return true;
}

bool is_regex(std::string_view text) {
  return Pattern::compile(text).has_value();
}

}  // namespace

const std::vector<SchemaFormat>& schema_formats() {
  static const std::vector<SchemaFormat> kFormats = {
      {"date-time", "a time such as 2026-11-21T07:00:00Z", is_date_time},
      {"date", "a date such as 2026-11-21", is_date},
      {"time", "a time of day such as 07:00:00Z", is_time},
      {"email", "an e-mail address", is_email},
      {"hostname", "a host name", is_hostname},
      {"ipv4", "an IPv4 address", is_address<AF_INET>},
      {"ipv6", "an IPv6 address", is_address<AF_INET6>},
      {"uri", "a URI with its scheme", is_uri},
      {"uri-reference", "a URI or a relative reference", is_uri_reference},
      {"uuid", "a UUID such as 0198c1f2-7a3b-7c4d-8e5f-001122334455", is_uuid},
      {"json-pointer", "a JSON pointer such as /a/0", is_json_pointer},
      {"regex", "a regular expression without look-around and back-references", is_regex},
  };
  return kFormats;
}

const SchemaFormat* find_schema_format(std::string_view name) {
  const auto& formats = schema_formats();
  const auto found =
      std::find_if(formats.begin(), formats.end(), [&](const auto& f) { return f.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace skald::sagas
