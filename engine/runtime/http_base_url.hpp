// Where a service lives, as its registration says: "http://host:port/base/path". Hosts come from here only,
// never from data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.hpp"

namespace skald::runtime {

struct BaseUrl {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string base_path;  // empty or "/orders/v1", never with a slash at its end

  // Refused with the remedy: https, user names, queries, fragments, anything that is no URL.
  static Result<BaseUrl> parse(std::string_view text);

  // As the Host field wants it: "host", "host:8102", "[::1]:8102".
  std::string authority() const;
};

}  // namespace skald::runtime
