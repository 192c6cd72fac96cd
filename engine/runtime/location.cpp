#include "engine/runtime/location.hpp"

#include <algorithm>
#include <vector>

namespace skald::runtime {
namespace {

// RFC 3986 section 5.2.4, for absolute paths.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
      if (path.empty()) kept.push_back("");
    } else if (segment != ".") {
      kept.push_back(segment);
    } else if (path.empty()) {
      kept.push_back("");
    }
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

}  // namespace

Result<std::string> location_below(const BaseUrl& service, std::string_view request_target,
                                   std::string_view location) {
  const Error elsewhere =
      invalid("the Location '" + std::string(location.substr(0, 200)) + "' leads out of the service");
  if (location.empty() || !is_plain(location)) return elsewhere;
  if (const auto fragment = location.find('#'); fragment != std::string_view::npos)
    location = location.substr(0, fragment);
  if (location.find("://") < location.find_first_of("/?")) {
    const auto other = BaseUrl::parse(location.substr(0, location.find('?')));
    if (!other || other->host != service.host || other->port != service.port) return elsewhere;
    const auto path = location.find('/', location.find("://") + 3);
    location = path == std::string_view::npos ? "/" : location.substr(path);
  } else if (location.starts_with("//")) {
    return elsewhere;
  }
  const auto question = std::min(location.find('?'), location.size());
  std::string path(location.substr(0, question));
  if (!path.starts_with('/')) {  // relative to the request's own path
    const std::string_view request_path = request_target.substr(0, request_target.find('?'));
    const auto parent = request_path.substr(0, request_path.rfind('/') + 1);
    path = path.empty() ? service.base_path + std::string(request_path)
                        : service.base_path + std::string(parent) + path;
  }
  path = without_dot_segments(path);
  if (!path.starts_with(service.base_path + "/")) return elsewhere;
  return path.substr(service.base_path.size()) + std::string(location.substr(question));
}

}  // namespace skald::runtime
