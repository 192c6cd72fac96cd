// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace skald {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
// 64 characters, lower case.
std::string sha256_hex(std::string_view bytes);

// The same piece by piece.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  // Of everything so far; more may be added afterwards.
  std::string hex() const;

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

}  // namespace skald
