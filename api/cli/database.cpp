// skald migrate
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/database_option.hpp"
#include "api/cli/output.hpp"
#include "eventstore/pg/migrate.hpp"

namespace skald::api {
namespace {

struct MigrateOptions {
  std::string database_url;
  std::uint16_t partitions = 64;
  Format format = Format::Table;
};

ExitCode migrate(const MigrateOptions& options) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  const auto applied = store::migrate(*url, {options.partitions});
  if (!applied) return complain(applied.error());
  if (options.format == Format::Table) {
    for (const auto& name : *applied) std::cout << name << "\n";
    std::cerr << (applied->empty() ? "the schema is up to date" : "the schema is up to date now") << "\n";
  } else {
    print_document(Json::object({{"applied", Json::Array(applied->begin(), applied->end())}}),
                   options.format);
  }
  return ExitCode::Done;
}

}  // namespace

void add_database_commands(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<MigrateOptions>();
  CLI::App* command = app.add_subcommand("migrate", "Bring the schema of the database up to date");
  add_database_option(*command, options->database_url);
  command->add_option("--partitions", options->partitions, "of a new database, fixed for ever (64)")
      ->option_text("NUMBER");
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return migrate(*options); }; });
}

}  // namespace skald::api
