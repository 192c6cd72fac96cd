// skald validate FILE…: every fault of definitions and views, without a server.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

#include "api/cli/command_line.hpp"
#include "api/cli/file_report.hpp"
#include "api/cli/output.hpp"
#include "api/environment.hpp"
#include "api/text_file.hpp"
#include "projections/view_loader.hpp"
#include "sagas/catalog.hpp"
#include "sagas/definition_loader.hpp"
#include "sagas/services.hpp"

namespace skald::api {
namespace {

namespace fs = std::filesystem;

struct ValidateOptions {
  std::vector<std::string> files;
  std::string services;
  Format format = Format::Table;
};

// The sagas of the directories that were met, as far as they are sound: what a view says is held against
// them.
class Neighbours {
 public:
  // Null where there are none: names of sagas are then not checked.
  const sagas::Catalog* beside(const fs::path& view) {
    const fs::path directory = view.has_parent_path() ? view.parent_path() : ".";
    const auto [known, fresh] = by_directory_.try_emplace(directory);
    if (fresh) known->second = load(directory);
    return known->second.list().empty() ? nullptr : &known->second;
  }

 private:
  static sagas::Catalog load(const fs::path& directory) {
    sagas::Catalog catalog;
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(directory, unreadable)) {
      const std::string file = entry.path().string();
      const auto text = file.ends_with(".saga.yaml") ? read_text_file(file) : not_found("no saga");
      auto loaded = text ? sagas::load_definition(*text, file, nullptr).definition : std::nullopt;
      if (loaded) catalog.add(std::move(*loaded), *text, {});
    }
    return catalog;
  }

  std::map<fs::path, sagas::Catalog> by_directory_;
};

struct Known {
  Registries registries;
  Neighbours neighbours;
};

FileReport check(const std::string& file, Known& known, std::vector<FileReport>& reports) {
  const auto text = read_text_file(file);
  if (!text) return unreadable(file, text.error().message);
  if (file.ends_with(".view.yaml"))
    return {file, views::load_view(*text, file, known.neighbours.beside(file)).faults};
  if (fs::path(file).filename() == "services.yaml")
    return {file, sagas::load_services(*text, file, environment_value).faults};
  return {file, sagas::load_definition(*text, file, known.registries.beside(file, reports)).faults};
}

void print(const std::vector<FileReport>& reports, Format format) {
  if (format != Format::Table) {
    Json::Array items;
    for (const auto& report : reports) items.push_back(report_json(report));
    return print_document(Json::object({{"items", Json(std::move(items))}}), format);
  }
  for (const auto& report : reports) {
    for (const auto& fault : report.faults) std::cout << sagas::to_text(fault) << "\n";
    if (report.sound()) std::cout << report.file << ": " << painted("ok") << "\n";
  }
  std::cout << std::flush;
}

ExitCode validate(const ValidateOptions& options) {
  Known known{Registries(options.services), {}};
  std::vector<FileReport> reports;
  for (const auto& file : options.files) {
    auto report = check(file, known, reports);
    reports.push_back(std::move(report));
  }
  print(reports, options.format);
  const bool sound =
      std::all_of(reports.begin(), reports.end(), [](const auto& report) { return report.sound(); });
  return sound ? ExitCode::Done : ExitCode::Invalid;
}

}  // namespace

void add_validate_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* command =
      app.add_subcommand("validate", "Check definitions and views: exit code 6 and every fault, or 0");
  command->add_option("files", options->files, "*.saga.yaml, *.view.yaml")->required()->option_text("FILE…");
  command->add_option("--services", options->services, "services.yaml; else the one beside each file")
      ->option_text("FILE");
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return validate(*options); }; });
}

}  // namespace skald::api
