// skald serve: a production node.
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/output.hpp"
#include "api/config.hpp"
#include "api/definition_files.hpp"
#include "api/environment.hpp"
#include "api/node.hpp"
#include "api/schema_state.hpp"
#include "api/shutdown.hpp"
#include "engine/base/log.hpp"

namespace skald::api {
namespace {

constexpr const char* kConfigFile = "skald.yaml";

struct ServeOptions {
  std::map<std::string, std::string> flags;  // by the name of their key
  std::string config_file;
  bool check = false, dump = false;
};

// --config and SKALD_CONFIG name a file that must be there; skald.yaml here is read where it is.
std::string config_file_of(const ServeOptions& options) {
  if (!options.config_file.empty()) return options.config_file;
  if (const auto named = environment_value("SKALD_CONFIG")) return *named;
  return std::filesystem::exists(kConfigFile) ? kConfigFile : "";
}

LoadedConfig load(const ServeOptions& options) {
  ConfigSources sources;
  for (const auto& [name, text] : options.flags) sources.flags[name] = {text, "flag --" + name};
  sources.environment = environment_value;
  sources.variables = skald_variables();
  std::vector<std::string> faults;
  if (const auto file = config_file_of(options); !file.empty()) sources.file = read_config_file(file, faults);
  auto loaded = load_config(sources);
  loaded.faults.insert(loaded.faults.begin(), faults.begin(), faults.end());
  if (loaded.config.database_url.empty())
    loaded.faults.push_back(
        "databaseUrl: it is not set; name a PostgreSQL with --database-url or SKALD_DATABASE_URL");
  return loaded;
}

ExitCode run(const Config& config) {
  log::start(config.log_level, config.log_json);
  boost::asio::io_context main;
  Shutdown shutdown(main);
  Starting starting(main, shutdown, [] {
    log::info("stopped before it had started");
    log::flush();
  });
  DefinitionFiles files(config.definitions, [](const std::string& line) { log::info("{}", line); });
  if (!config.services.empty() && !files.read_services(config.services)) return ExitCode::Invalid;

  if (const auto current = schema_is_current(config.database_url); !current) return complain(current.error());
  if (const auto open = is_not_frozen(config.database_url); !open) return complain(open.error());
  Node node(config);
  if (const auto started = node.start(files.registry()); !started) return complain(started.error());
  if (!config.definitions.empty() && !files.put_changes(node)) {
    complain("the definitions in " + config.definitions + " are not sound");
    return ExitCode::Invalid;
  }
  starting.begun();
  if (const auto listening = node.listen(); !listening) return complain(listening.error());
  log::info("serving on {}", node.address());
  shutdown.wait();
  log::info("stopping: no new requests, answers in flight are awaited for at most {}", to_text(config.drain));
  node.stop();
  log::info("stopped");
  log::flush();
  return ExitCode::Done;
}

ExitCode serve(const ServeOptions& options) {
  const auto loaded = load(options);
  if (options.dump) std::cout << dump_config(loaded) << std::flush;
  for (const auto& fault : loaded.faults) complain(fault);
  if (!loaded.faults.empty()) return ExitCode::Usage;
  if (options.dump) return ExitCode::Done;
  if (options.check) {
    std::cerr << "the configuration can be used\n";
    return ExitCode::Done;
  }
  return run(loaded.config);
}

}  // namespace

void add_node_commands(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command =
      app.add_subcommand("serve", "Run a production node (the database is migrated by: skald migrate)");
  command->add_option("--config", options->config_file, "configuration file (skald.yaml)")
      ->option_text("FILE");
  command->add_flag("--check-config", options->check, "check the configuration and end");
  command->add_flag("--dump-config", options->dump,
                    "print the configuration, with where each value comes from");
  for (const auto& key : config_keys()) {
    const std::string name(key.name);
    const auto keep = [options, name](const std::string& text) { options->flags[name] = text; };
    const std::string help =
        std::string(key.meaning) + (key.standard.empty() ? "" : " (" + std::string(key.standard) + ")");
    if (key.shape == "BOOLEAN")
      command->add_flag_callback(
          "--" + name, [keep] { keep("true"); }, help);
    else
      command->add_option_function<std::string>("--" + name, keep, help)->option_text(std::string(key.shape));
  }
  command->callback([options, &chosen] { chosen = [options] { return serve(*options); }; });
}

}  // namespace skald::api
