// Hexadecimal digits, lower case where written, either case where read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skald {

// 0 … 15, or −1.
int hex_value(char digit);
std::string to_hex(std::span<const std::uint8_t> bytes);
// Fills all of `bytes` from twice as many digits; false where `digits` is anything else.
bool read_hex(std::string_view digits, std::span<std::uint8_t> bytes);

}  // namespace skald
