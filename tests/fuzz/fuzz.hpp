// What the targets have in common: the input as text, and a chance that depends on the input alone, so that
// an input always does the same. Broken properties are told with CHECK_THAT, which stops the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"

namespace skald::fuzz {

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

inline Random chance_of(std::string_view input) {
  std::uint64_t seed = 0xcbf29ce484222325;  // FNV-1a
  for (const char byte : input) seed = (seed ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  return Random(seed);
}

// The input in pieces as a network might deliver it.
inline std::vector<std::string_view> whole(std::string_view input) {
  return {input};
}
inline std::vector<std::string_view> byte_by_byte(std::string_view input) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < input.size(); ++at) pieces.push_back(input.substr(at, 1));
  return pieces;
}
inline std::vector<std::string_view> torn(std::string_view input, Random chance) {
  std::vector<std::string_view> pieces;
  while (!input.empty()) {
    const std::size_t most = chance.below(4) == 0 ? 200 : 12;
    pieces.push_back(input.substr(0, 1 + chance.below(most)));
    input.remove_prefix(pieces.back().size());
  }
  return pieces;
}

// Whatever is said of hostile bytes stands in a problem of the API, which is JSON.
inline void check_sayable(std::string_view message) {
  CHECK_THAT(!message.empty(), "a refusal says why");
  const std::string written = Json(std::string(message)).dump();
  const auto read = parse_json(written);
  CHECK_THAT(read && read->as_string() == message, "a message is UTF-8 without NUL");
}

}  // namespace skald::fuzz
