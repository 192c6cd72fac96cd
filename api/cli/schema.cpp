// skald schema saga|view|services: the JSON Schema of the files that people write, for their editors.
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/output.hpp"
#include "sagas/language_schema.hpp"
#include "sagas/suggestion.hpp"

namespace skald::api {
namespace {

ExitCode print_schema(const std::string& name) {
  if (const auto schema = sagas::language_schema(name)) {
    std::cout << *schema << std::flush;
    return ExitCode::Done;
  }
  std::vector<std::string> names;
  for (const auto& known : sagas::language_schemas()) names.emplace_back(known.name);
  complain("there is no schema '" + name + "'; " + sagas::suggestion(name, names));
  return ExitCode::NotFound;
}

}  // namespace

void add_schema_command(CLI::App& app, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("schema", "Print the JSON Schema of sagas, views or services.yaml, for editors");
  command->add_option("name", *name, "saga, view or services")->required()->option_text("NAME");
  command->callback([name, &chosen] { chosen = [name] { return print_schema(*name); }; });
}

}  // namespace skald::api
