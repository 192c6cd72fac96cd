#include "engine/core/polling.hpp"

#include <algorithm>
#include <chrono>

namespace skald::core {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstInterval = 1s;
constexpr Duration kLongestInterval = 60s;
// A service that says "Retry-After: 0" is not asked in a busy loop.
constexpr Duration kShortestInterval = 200ms;
constexpr std::size_t kLongestLocation = 2048;

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

// "." and "..", also written with %2e, would leave the base path.
bool is_dot_segment(std::string_view segment) {
  std::size_t dots = 0;
  while (!segment.empty()) {
    const bool encoded = segment.starts_with("%2e") || segment.starts_with("%2E");
    if (!encoded && segment.front() != '.') return false;
    segment.remove_prefix(encoded ? 3 : 1);
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_dot_segment(path.substr(0, end))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

}  // namespace

Duration poll_interval(Duration elapsed, std::optional<Duration> retry_after) {
  if (retry_after) return std::max(*retry_after, kShortestInterval);
  return std::clamp(elapsed / 10, kFirstInterval, kLongestInterval);
}

bool is_safe_location(std::string_view location) {
  if (!location.starts_with('/') || location.starts_with("//") || location.size() > kLongestLocation)
    return false;
  if (!std::all_of(location.begin(), location.end(), is_visible)) return false;
  if (location.find_first_of("#\\") != std::string_view::npos) return false;
  return !has_dot_segment(location.substr(0, location.find('?')));
}

}  // namespace skald::core
