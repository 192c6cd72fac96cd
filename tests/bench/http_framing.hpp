// Just enough HTTP/1.1 framing for the benchmark's client and service, both ours: Content-Length only.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace skald::bench {

// The size of the first whole message in `bytes` (head and body), or nothing while it is incomplete.
inline std::optional<std::size_t> message_size(std::string_view bytes) {
  const auto head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t line = bytes.find("\r\n"); line < head; line = bytes.find("\r\n", line + 2)) {
    constexpr std::string_view kName = "content-length:";
    const std::string_view name = bytes.substr(line + 2, kName.size());
    bool same = name.size() == kName.size();
    for (std::size_t i = 0; same && i < name.size(); ++i) same = (name[i] | 0x20) == (kName[i] | 0x20);
    if (same) length = std::strtoul(bytes.data() + line + 2 + kName.size(), nullptr, 10);
  }
  const std::size_t whole = head + 4 + length;
  if (bytes.size() < whole) return std::nullopt;
  return whole;
}

}  // namespace skald::bench
