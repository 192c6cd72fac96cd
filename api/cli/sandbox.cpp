// skald sandbox FILE…: stand-in services, each on its own port.
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/output.hpp"
#include "api/environment.hpp"
#include "api/sandbox/host.hpp"
#include "api/shutdown.hpp"
#include "engine/base/log.hpp"

namespace skald::api {
namespace {

struct SandboxCommand {
  std::vector<std::string> files;
  std::string data = ".skald/sandbox", database_url, address = "127.0.0.1";
};

ExitCode sandbox(const SandboxCommand& command) {
  log::start("info", false);
  boost::asio::io_context io;
  Shutdown shutdown(io);
  SandboxOptions options;
  options.data = command.data;
  options.address = command.address;
  options.environment = environment_value;
  options.database_url =
      command.database_url.empty() ? environment_value("SKALD_DATABASE_URL") : command.database_url;
  SandboxHost host(std::move(options));
  for (const auto& file : command.files) {
    const auto running = host.add(file);
    if (!running) return complain(running.error());
    std::cout << running->name << " http://" << command.address << ":" << running->port << std::endl;
  }
  shutdown.wait();
  host.stop();
  return ExitCode::Done;
}

}  // namespace

void add_sandbox_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<SandboxCommand>();
  CLI::App* command = app.add_subcommand("sandbox", "Run stand-in services declared in YAML");
  command->add_option("files", options->files, "NAME.service.yaml")->required()->option_text("FILE…");
  command->add_option("--data", options->data, "directory of their data (.skald/sandbox)")
      ->option_text("DIR");
  command
      ->add_option("--database-url", options->database_url, "for services that keep their data in PostgreSQL")
      ->option_text("URL");
  command->add_option("--listen", options->address, "address to serve on (127.0.0.1)")
      ->option_text("ADDRESS");
  command->callback([options, &chosen] { chosen = [options] { return sandbox(*options); }; });
}

}  // namespace skald::api
