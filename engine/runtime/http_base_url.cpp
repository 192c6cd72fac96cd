#include "engine/runtime/http_base_url.hpp"

#include <charconv>

#include "engine/runtime/http_head.hpp"

namespace skald::runtime {

namespace {

Error no_base_url(std::string_view text, std::string_view why) {
  return invalid("\"" + std::string(text) + "\" is no base URL of a service: " + std::string(why));
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc{} && end == text.data() + text.size() && port != 0;
}

// "[::1]:8102", "host:8102" or "host" into host and port; false when it is none of these.
bool parse_authority(std::string_view text, BaseUrl& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    url.host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
    if (url.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) return false;
  } else {
    const auto colon = text.find(':');
    url.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    if (url.host.find_first_of("[]@\\%<>\"{}|^`") != std::string::npos) return false;
  }
  if (url.host.empty()) return false;
  return port.empty() || (port.starts_with(':') && parse_port(port.substr(1), url.port));
}

}  // namespace

Result<BaseUrl> BaseUrl::parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with("https://"))
    return no_base_url(
        text, "https is not supported yet; terminate TLS in a sidecar and name it here with http://");
  if (!text.starts_with(kScheme)) return no_base_url(text, "it does not begin with http://");
  if (!is_target(text))
    return no_base_url(text, "it holds a blank, a control character or a letter beyond ASCII");
  auto rest = text.substr(kScheme.size());
  if (rest.find_first_of("?#") != std::string_view::npos)
    return no_base_url(text, "a query or fragment cannot be part of it");
  const auto authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos)
    return no_base_url(text, "user names do not belong here; give the service an Authorization header");
  BaseUrl url;
  if (!parse_authority(authority, url)) return no_base_url(text, "host and port cannot be read");
  auto path = rest.substr(authority.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  url.base_path = path;
  return url;
}

std::string BaseUrl::authority() const {
  const bool version_6 = host.find(':') != std::string::npos;
  std::string text = version_6 ? "[" + host + "]" : host;
  if (port != 80) text += ":" + std::to_string(port);
  return text;
}

}  // namespace skald::runtime
