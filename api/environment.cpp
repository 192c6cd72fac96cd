#include "api/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

#include "engine/base/log.hpp"

namespace skald::api {
namespace {

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

std::optional<std::string> environment_value(const std::string& name) {
  if (const char* value = std::getenv(name.c_str())) return value;
  const char* path = std::getenv((name + "_FILE").c_str());
  if (!path) return std::nullopt;
  auto content = content_of(path);
  if (!content) log::error("{}_FILE names {}, which cannot be read", name, path);
  return content;
}

Json secrets_of_environment() {
  static constexpr std::string_view kPrefix = "SKALD_SECRET_", kInFile = "_FILE";
  Json::Object secrets;
  for (std::string name : skald_variables()) {
    if (!name.starts_with(kPrefix)) continue;
    if (name.ends_with(kInFile)) name.resize(name.size() - kInFile.size());
    if (const auto value = environment_value(name)) secrets.set(name.substr(kPrefix.size()), *value);
  }
  return secrets;
}

std::vector<std::string> skald_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with("SKALD_")) names.emplace_back(text.substr(0, text.find('=')));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace skald::api
