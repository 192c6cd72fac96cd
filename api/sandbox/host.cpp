#include "api/sandbox/host.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

#include "api/sandbox/hosted_service.hpp"
#include "api/sandbox/postgres_database.hpp"
#include "engine/base/log.hpp"
#include "sagas/sandbox/declaration_loader.hpp"
#include "sagas/sandbox/sqlite_database.hpp"

namespace skald::api {

using sandbox::Declaration;

namespace {

Result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return not_found("cannot read the file " + file.string());
  return std::move(text).str();
}

Result<Declaration> load(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return text.error();
  auto loaded = sandbox::load_declaration(*text, file.string());
  if (loaded.declaration) return std::move(*loaded.declaration);
  std::string faults;
  for (const auto& fault : loaded.faults) faults += (faults.empty() ? "" : "\n") + to_text(fault);
  return invalid(faults);
}

Result<std::unique_ptr<sandbox::Database>> open_database(const Declaration& declaration,
                                                         const SandboxOptions& options) {
  switch (declaration.storage) {
    case sandbox::StorageKind::Sqlite: {
      std::error_code failed;
      std::filesystem::create_directories(options.data, failed);
      if (failed)
        return unavailable("cannot make the folder " + options.data.string() + ": " + failed.message());
      auto opened = sandbox::SqliteDatabase::open(options.data / (declaration.name + ".sqlite"));
      if (!opened) return opened.error();
      return std::move(*opened);
    }
    case sandbox::StorageKind::Postgres: {
      if (!options.database_url)
        return invalid("the service " + declaration.name +
                       " keeps its data in PostgreSQL; give --database-url or SKALD_DATABASE_URL");
      auto opened = PostgresDatabase::open(*options.database_url, declaration.name);
      if (!opened) return opened.error();
      return std::move(*opened);
    }
  }
  return unexpected("no storage");
}

// SKALD_SANDBOX_DATE_COURSE_PORT for the service date-course.
std::string port_variable(const std::string& service) {
  std::string name = "SKALD_SANDBOX_";
  for (const char c : service)
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name + "_PORT";
}

Result<std::uint16_t> port_of(const Declaration& declaration, const SandboxOptions& options) {
  const std::string variable = port_variable(declaration.name);
  const auto text = options.environment ? options.environment(variable) : std::nullopt;
  if (!text) return declaration.port;
  std::uint16_t port = 0;
  const char* end = text->data() + text->size();
  const auto [stop, fault] = std::from_chars(text->data(), end, port);
  if (fault != std::errc{} || stop != end)
    return invalid(variable + " is '" + *text + "'; expected a port number");
  return port;
}

}  // namespace

SandboxHost::SandboxHost(SandboxOptions options) : options_(std::move(options)) {}

SandboxHost::~SandboxHost() {
  stop();
}

Result<SandboxHost::Running> SandboxHost::add(const std::filesystem::path& file) {
  auto declaration = load(file);
  if (!declaration) return declaration.error();
  Running running{declaration->name, declaration->title, 0};
  const auto port = port_of(*declaration, options_);
  if (!port) return port.error();
  auto database = open_database(*declaration, options_);
  if (!database) return database.error();
  auto storage = sandbox::Storage::prepare(std::move(*database), *declaration);
  if (!storage) return storage.error();

  auto hosted =
      std::make_unique<HostedService>(sandbox::Service(std::move(*declaration), std::move(*storage)));
  const auto bound = hosted->listen(options_.address, *port);
  if (!bound) return Error{bound.error().kind, "the service " + running.name + ": " + bound.error().message};
  running.port = *bound;
  log::info("sandbox {}: listens on {}:{}", running.name, options_.address, running.port);
  hosted_.push_back(std::move(hosted));
  return running;
}

void SandboxHost::stop() {
  hosted_.clear();
}

}  // namespace skald::api
