// skald version
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/output.hpp"
#include "api/version.hpp"

namespace skald::api {
namespace {

ExitCode version(Format format) {
  if (format == Format::Table)
    std::cout << "skald " << kVersion << std::endl;
  else
    print_document(Json::object({{"version", kVersion}, {"compiler", __VERSION__}}), format);
  return ExitCode::Done;
}

}  // namespace

void add_version_command(CLI::App& app, Chosen& chosen) {
  auto format = std::make_shared<Format>(Format::Table);
  CLI::App* command = app.add_subcommand("version", "Print the version");
  add_format_option(*command, *format);
  command->callback([format, &chosen] { chosen = [format] { return version(*format); }; });
}

}  // namespace skald::api
