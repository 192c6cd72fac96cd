// What holds of every fault that a loader reports, whatever the file.
#pragma once

#include <algorithm>

#include "sagas/fault.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace skald::fuzz {

inline std::vector<std::size_t> columns_by_line(std::string_view text) {
  std::vector<std::size_t> columns(1, 0);
  for (const char byte : text) {
    if (byte == '\n')
      columns.push_back(0);
    else if ((static_cast<std::uint8_t>(byte) & 0xC0) != 0x80)  // a character of UTF-8 begins
      ++columns.back();
  }
  return columns;
}

// Checks each of them; whether one is an error.
inline bool check_faults(std::string_view text, const std::vector<sagas::Fault>& faults) {
  const auto columns = columns_by_line(text);
  for (const auto& fault : faults) {
    CHECK_THAT(fault.line >= 1 && static_cast<std::size_t>(fault.line) <= columns.size(),
               "a fault lies in a line of the file");
    const auto length = columns[static_cast<std::size_t>(fault.line) - 1];
    CHECK_THAT(fault.column >= 1 && static_cast<std::size_t>(fault.column) <= length + 1,
               "a fault lies in its line or right behind it");
    check_sayable(fault.message);
    check_sayable(sagas::to_text(fault));
  }
  CHECK_THAT(std::is_sorted(faults.begin(), faults.end(),
                            [](const auto& a, const auto& b) {
                              return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                            }) ||
                 faults.size() > sagas::FaultList::kMaxFaults,
             "faults come in the order of the file");
  return std::any_of(faults.begin(), faults.end(), [](const auto& fault) { return !fault.warning; });
}

}  // namespace skald::fuzz
