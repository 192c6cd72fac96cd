#include "api/cli/database_option.hpp"

#include "api/environment.hpp"

namespace skald::api {

void add_database_option(CLI::App& command, std::string& database_url) {
  command.add_option("--database-url", database_url, "PostgreSQL; else SKALD_DATABASE_URL")
      ->option_text("URL");
}

Result<std::string> database_url_of(const std::string& flag) {
  if (!flag.empty()) return flag;
  if (auto value = environment_value("SKALD_DATABASE_URL")) return *value;
  return invalid("which database? name it with --database-url or SKALD_DATABASE_URL");
}

}  // namespace skald::api
