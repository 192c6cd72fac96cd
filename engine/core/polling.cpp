#include "engine/core/polling.hpp"

#include <algorithm>
#include <chrono>

#include "engine/core/expression/path_text.hpp"

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
