#include "api/http/patience.hpp"

#include <algorithm>
#include <charconv>

#include "engine/runtime/http_message.hpp"

namespace skald::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The seconds of "respond-async, wait=10"; empty where there are none. Nine digits always fit.
std::string_view preferred_seconds(std::string_view preferences) {
  while (!preferences.empty()) {
    const auto end = std::min(preferences.find_first_of(",;"), preferences.size());
    const auto one = trimmed(preferences.substr(0, end));
    preferences.remove_prefix(std::min(end + 1, preferences.size()));
    const auto equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    if (!runtime::same_ignoring_case(trimmed(one.substr(0, equals)), "wait")) continue;
    const auto seconds = trimmed(one.substr(equals + 1));
    const bool digits = seconds.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits && !seconds.empty() && seconds.size() <= 9) return seconds;
  }
  return {};
}

}  // namespace

Patience read_patience(const Request& request, Query& query) {
  Patience patience;
  patience.wait = query.duration("wait", kLongestPatience);
  if (patience.wait || request.parameter("wait")) return patience;
  for (const auto& [name, value] : request.headers) {
    if (!runtime::same_ignoring_case(name, "Prefer")) continue;
    const auto seconds = preferred_seconds(value);
    if (seconds.empty()) continue;
    std::int64_t number = 0;
    std::from_chars(seconds.data(), seconds.data() + seconds.size(), number);
    patience.wait = std::min<Duration>(std::chrono::seconds(number), kLongestPatience);
    patience.preferred = true;
    patience.preferred_seconds = seconds;
    break;
  }
  return patience;
}

}  // namespace skald::api
