#include "api/http/cursor.hpp"

#include <algorithm>

namespace skald::api {
namespace {

// base64url without padding (RFC 4648 section 5): fits into a query as it is.
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
// Says how to read the rest, should a cursor ever hold something else.
constexpr char kForm = 'a';
constexpr std::size_t kLength = 1 + 22;  // 16 bytes are 22 digits

}  // namespace

std::string cursor_after(const SagaId& last) {
  std::string text(1, kForm);
  unsigned bits = 0, count = 0;
  for (const auto byte : last.bytes) {
    bits = bits << 8 | byte;
    count += 8;
    for (; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63];
  }
  return text += kDigits[bits << (6 - count) & 63];  // 128 bits leave two
}

Result<SagaId> read_cursor(std::string_view cursor) {
  const Error unknown = invalid("this is no cursor; take it from `next` of the page before");
  if (cursor.size() != kLength || cursor[0] != kForm) return unknown;
  SagaId id;
  std::size_t written = 0;
  unsigned bits = 0, count = 0;
  for (const char digit : cursor.substr(1)) {
    const auto value = kDigits.find(digit);
    if (value == std::string_view::npos) return unknown;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8 || written == id.bytes.size()) continue;
    id.bytes[written++] = static_cast<std::uint8_t>(bits >> (count - 8));
    count -= 8;
  }
  // Two texts for one id would be two cursors for one place.
  if (cursor_after(id) != cursor) return unknown;
  return id;
}

}  // namespace skald::api
