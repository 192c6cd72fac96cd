// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
// 64 characters, lower case.
std::string sha256_hex(std::string_view bytes);

}  // namespace skald
