// skald dev [DIR]: everything on one machine with nothing to set up. A private PostgreSQL, the definitions
// below DIR loaded again whenever they change, stand-in services, the API on one port.
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "api/cli/command_line.hpp"
#include "api/cli/dev_banner.hpp"
#include "api/cli/dev_directory.hpp"
#include "api/cli/output.hpp"
#include "api/config.hpp"
#include "api/definition_files.hpp"
#include "api/environment.hpp"
#include "api/node.hpp"
#include "api/sandbox/host.hpp"
#include "api/schema_state.hpp"
#include "api/shutdown.hpp"
#include "api/watch.hpp"
#include "engine/base/log.hpp"
#include "eventstore/pg/migrate.hpp"
#include "eventstore/pg/private_server.hpp"

namespace skald::api {
namespace {

struct DevOptions {
  std::string directory = ".";
  std::vector<std::string> sandbox;
  std::string database_url, port = "8088", log_level = "warn", services;
  bool ephemeral = false;
};

void tell(const std::string& line) {
  std::cerr << line << std::endl;
}

// The defaults of a node. The environment is left out on purpose: a shell that is set up for production
// must not lead `dev` to production's database.
Result<Config> dev_config(const DevOptions& options, const std::string& conninfo) {
  ConfigSources sources;
  sources.flags = {{"database-url", {conninfo, "dev"}},
                   {"port", {options.port, "flag --port"}},
                   {"log-level", {options.log_level, "flag --log-level"}},
                   {"node", {"dev", "dev"}},
                   {"drain", {"3s", "dev"}},
                   {"cors-origins", {"*", "dev"}}};
  auto loaded = load_config(sources);
  if (!loaded.faults.empty()) return invalid(loaded.faults.front());
  return loaded.config;
}

// The private server where no other database is named.
Result<std::string> begin_database(const DevOptions& options, const DevDirectory& directory,
                                   std::optional<store::PrivateServer>& server) {
  std::string conninfo = options.database_url;
  if (conninfo.empty()) {
    auto started =
        store::PrivateServer::start(directory.database(), {.ephemeral = options.ephemeral, .settings = {}});
    if (!started) return started.error();
    server.emplace(std::move(*started));
    conninfo = server->conninfo();
  }
  const auto applied = store::migrate(conninfo);
  if (!applied) return applied.error();
  if (const auto open = is_not_frozen(conninfo); !open) return open.error();
  return conninfo;
}

Result<void> begin_sandbox(const DevOptions& options, const DevDirectory& directory,
                           const std::string& conninfo, std::optional<SandboxHost>& host) {
  if (options.sandbox.empty()) return {};
  SandboxOptions sandbox;
  sandbox.data = directory.sandbox();
  sandbox.database_url = conninfo;
  sandbox.environment = environment_value;
  host.emplace(std::move(sandbox));
  for (const auto& file : options.sandbox) {
    const auto running = host->add(file);
    if (!running) return running.error();
    tell("stand-in service " + running->name + " on http://127.0.0.1:" + std::to_string(running->port));
  }
  return {};
}

// Reads the files again after every change, until a signal comes.
void watch_files(boost::asio::io_context& main, Shutdown& shutdown, DefinitionFiles& files, Node& node) {
  std::optional<DirectoryWatch> watch;
  watch.emplace(main, [&] {
    if (const auto added = watch->add(files.directories()); !added) tell(added.error().message);
    files.put_changes(node);
  });
  if (const auto added = watch->add(files.directories()); !added) tell(added.error().message);
  shutdown.wait();
}

ExitCode dev(const DevOptions& options) {
  log::start(options.log_level, false);
  boost::asio::io_context main;
  Shutdown shutdown(main);
  const auto directory = DevDirectory::open(options.directory, options.ephemeral);
  if (!directory) return complain(directory.error());
  std::optional<store::PrivateServer> server;
  const auto conninfo = begin_database(options, *directory, server);
  if (!conninfo) return complain(conninfo.error());
  std::optional<SandboxHost> sandbox;
  if (const auto begun = begin_sandbox(options, *directory, *conninfo, sandbox); !begun)
    return complain(begun.error());
  const auto config = dev_config(options, *conninfo);
  if (!config) {
    complain(config.error().message);
    return ExitCode::Usage;
  }

  DefinitionFiles files(options.directory, tell);
  if (!options.services.empty()) files.read_services(options.services);
  Node node(*config);
  if (const auto started = node.start(files.registry()); !started) return complain(started.error());
  files.put_changes(node);
  if (const auto listening = node.listen(); !listening) return complain(listening.error());
  std::cout << banner_text({node.address(), *conninfo, files.known()}) << std::flush;
  watch_files(main, shutdown, files, node);
  tell("stopping");
  node.stop();
  return ExitCode::Done;
}

}  // namespace

void add_dev_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DevOptions>();
  CLI::App* command =
      app.add_subcommand("dev", "Try things: a private PostgreSQL, and the definitions below DIR");
  command->add_option("directory", options->directory, "directory of *.saga.yaml and services.yaml (.)")
      ->option_text("[DIR]");
  command->add_option("--port", options->port, "port to serve on (8088); 0 takes any free one")
      ->option_text("NUMBER");
  command->add_option("--sandbox", options->sandbox, "also run these stand-in services")
      ->option_text("FILE…");
  command->add_option("--services", options->services, "services.yaml, where it is not below DIR")
      ->option_text("FILE");
  command->add_option("--database-url", options->database_url, "use this PostgreSQL, not a private one")
      ->option_text("URL");
  command->add_flag("--ephemeral", options->ephemeral, "keep nothing");
  command->add_option("--log-level", options->log_level, "trace, debug, info, warn or error (warn)")
      ->option_text("LEVEL");
  command->callback([options, &chosen] { chosen = [options] { return dev(*options); }; });
}

}  // namespace skald::api
