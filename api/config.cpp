#include "api/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/base/json.hpp"
#include "sagas/suggestion.hpp"

namespace skald::api {
namespace {

// Kubernetes gives every container the addresses of the services around it (SKALD_PORT=tcp://10.0.0.7:8088
// beside a service named skald). That is no configuration of ours.
bool is_service_link(const std::string& value) {
  return value.starts_with("tcp://") || value.starts_with("udp://");
}

std::optional<GivenValue> from_environment(const ConfigKey& key, const ConfigSources& sources) {
  if (!sources.environment) return std::nullopt;
  const std::string variable = variable_of(key);
  const auto value = sources.environment(variable);
  if (!value || is_service_link(*value)) return std::nullopt;
  return GivenValue{*value, "environment " + variable};
}

GivenValue value_of(const ConfigKey& key, const ConfigSources& sources) {
  if (const auto flag = sources.flags.find(key.name); flag != sources.flags.end()) return flag->second;
  if (auto value = from_environment(key, sources)) return *value;
  if (const auto member = sources.file.find(key.name); member != sources.file.end()) return member->second;
  return {std::string(key.standard), "default"};
}

// A variable that nobody reads is a slip when its name is close to one that is read; what else begins with
// SKALD_ may belong to anybody.
void check_variables(const ConfigSources& sources, std::vector<std::string>& faults) {
  static constexpr std::string_view kPrefix = "SKALD_";
  std::vector<std::string> known{"CONFIG", "SERVER"};
  for (const auto& key : config_keys()) {
    known.push_back(variable_of(key).substr(kPrefix.size()));
    known.push_back(known.back() + "_FILE");
  }
  for (const auto& variable : sources.variables) {
    const auto name = variable.substr(kPrefix.size());
    if (name.starts_with("SERVICE_") || name.starts_with("SECRET_")) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto meant = sagas::suggestion(name, known);
    if (meant.starts_with("did you mean"))
      faults.push_back("environment " + variable + ": this is no setting; after SKALD_, " + meant);
  }
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "skald";
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

void complete(Config& config, std::vector<std::string>& faults) {
  if (config.node == "auto") config.node = host_name() + ":" + std::to_string(config.port);
  if (!is_loopback(config.listen) && !config.insecure)
    faults.push_back(
        "listen: " + config.listen +
        " can be reached from other machines, and this version has no authentication: whoever reaches it "
        "may start and cancel sagas. Listen on 127.0.0.1 behind a gateway that authenticates, or say "
        "--insecure");
}

std::string masked(const ConfigKey& key, const std::string& text) {
  return key.secret ? without_password(text) : text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The end of a value of a connection string that begins at `begin`: quoted, or up to a blank or an ampersand.
std::size_t end_of_value(const std::string& text, std::size_t begin) {
  if (begin >= text.size() || text[begin] != '\'')
    return std::min(text.find_first_of(" &", begin), text.size());
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '\'') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

}  // namespace

LoadedConfig load_config(const ConfigSources& sources) {
  LoadedConfig loaded;
  check_variables(sources, loaded.faults);
  for (const auto& key : config_keys()) {
    auto value = value_of(key, sources);
    const auto applied = key.apply(loaded.config, value.text);
    if (!applied)
      loaded.faults.push_back(value.source + ": " + member_of(key) + ": " + applied.error().message +
                              ", got \"" + masked(key, value.text) + "\"");
    loaded.values.emplace(key.name, std::move(value));
  }
  complete(loaded.config, loaded.faults);
  return loaded;
}

std::string dump_config(const LoadedConfig& loaded) {
  std::string text;
  for (const auto& key : config_keys()) {
    const auto& value = loaded.values.find(key.name)->second;
    std::string line = member_of(key) + ": ";
    const auto shown = masked(key, value.text);
    const bool plain = !shown.empty() && shown.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789./-_") == std::string::npos;
    if (plain)
      line += shown;
    else
      append_json_string(line, shown);  // JSON's strings are YAML's too
    text += line + "  # " + value.source + "\n";
  }
  return text;
}

std::string without_password(std::string conninfo) {
  static constexpr std::string_view kMask = "***";
  const auto scheme = conninfo.find("://");
  if (scheme != std::string::npos) {
    const auto begin = scheme + 3;
    const auto authority_end = std::min(conninfo.find_first_of("/?", begin), conninfo.size());
    const auto at = conninfo.rfind('@', authority_end);
    const auto colon = conninfo.find(':', begin);
    if (at != std::string::npos && at >= begin && colon < at)
      conninfo.replace(colon + 1, at - colon - 1, kMask);
  }
  for (std::size_t from = 0;;) {
    const auto word = lower(conninfo).find("password", from);
    if (word == std::string::npos) return conninfo;
    from = conninfo.find_first_not_of(' ', word + 8);
    if (from == std::string::npos) return conninfo;
    if (conninfo[from] != '=') continue;
    const auto begin = std::min(conninfo.find_first_not_of(' ', from + 1), conninfo.size());
    conninfo.replace(begin, end_of_value(conninfo, begin) - begin, kMask);
    from = begin + kMask.size();
  }
}

}  // namespace skald::api
