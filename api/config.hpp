// Configuration of a node: a flag over the environment over skald.yaml over the default. One table of keys
// (config_keys.cpp) gives each its four names, its meaning and its place in Config; nothing is configured
// elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/cors.hpp"
#include "api/http/server.hpp"
#include "engine/base/error.hpp"
#include "engine/base/time.hpp"

namespace skald::api {

struct Config {
  std::string listen;  // address
  std::uint16_t port = 0;
  bool insecure = false;  // listen beyond loopback without authentication
  std::string database_url;
  std::string node;
  unsigned lanes = 1;
  std::string definitions;  // directory, or empty
  std::string services;     // file, or empty
  std::string log_level;
  bool log_json = false;
  Duration start_patience{};
  Duration drain{};
  std::optional<Duration> retain;  // how long sagas stay after their end; none: for ever
  std::string retain_export;       // directory, or empty
  Duration retain_every{};
  std::size_t max_active_sagas = 0;
  ServerLimits limits;
  Origins cors_origins;
};

struct ConfigKey {
  std::string_view name;      // "database-url": --database-url, SKALD_DATABASE_URL, databaseUrl in the file
  std::string_view shape;     // "URL", for the help text
  std::string_view standard;  // the default
  std::string_view meaning;
  bool secret;  // masked wherever it is shown
  Result<void> (*apply)(Config&, const std::string& text);
};
const std::vector<ConfigKey>& config_keys();

std::string variable_of(const ConfigKey& key);  // "SKALD_DATABASE_URL"
std::string member_of(const ConfigKey& key);    // "databaseUrl"

// A value as it was given, and where: "flag --port", "environment SKALD_PORT", "skald.yaml:3", "default".
struct GivenValue {
  std::string text;
  std::string source;
};
using GivenValues = std::map<std::string, GivenValue, std::less<>>;  // by ConfigKey::name

struct ConfigSources {
  GivenValues flags;
  // Looks up one variable, and names all that begin with SKALD_.
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::vector<std::string> variables;
  GivenValues file;
};

struct LoadedConfig {
  Config config;
  GivenValues values;               // what holds, of every key
  std::vector<std::string> faults;  // sentences; empty where the configuration can be used
};
LoadedConfig load_config(const ConfigSources& sources);

// The keys of a skald.yaml. Unknown ones are faults with a suggestion.
GivenValues read_config_file(const std::string& path, std::vector<std::string>& faults);

// As YAML, with where each value comes from; secrets masked.
std::string dump_config(const LoadedConfig& loaded);

// The connection string without its password.
std::string without_password(std::string conninfo);

}  // namespace skald::api
