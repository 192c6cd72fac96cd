#include "sagas/source_text.hpp"

#include <algorithm>
#include <string>

#include "engine/core/expression/utf8.hpp"

namespace skald::sagas {
namespace {

std::size_t first_invalid_byte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    while (length <= 4 && !core::is_utf8(text.substr(at, length))) ++length;
    if (length > 4) break;
    at += length;
  }
  return at;
}

bool is_forbidden_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

bool check_source_text(std::string_view text, std::size_t max_bytes, FaultList& faults) {
  if (text.size() > max_bytes) {
    faults.error({}, "the file has " + std::to_string(text.size()) + " bytes",
                 "the limit is " + std::to_string(max_bytes));
    return false;
  }
  if (!core::is_utf8(text)) {
    faults.error(place_at(text, first_invalid_byte(text)), "this is not UTF-8", "save the file as UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), is_forbidden_control);
  if (control != text.end()) {
    faults.error(place_at(text, static_cast<std::size_t>(control - text.begin())),
                 "a control character (code " + std::to_string(static_cast<int>(*control)) + ")",
                 "remove it");
    return false;
  }
  return true;
}

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::string_view line = before.substr(line_start);
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(core::code_point_count(line)) + 1};
}

}  // namespace skald::sagas
