// skald explore FILE…: what can become of a saga, without a server. With --preview ID: what would be called
// if a running one were undone now.
#include <algorithm>
#include <iostream>
#include <memory>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/file_report.hpp"
#include "api/cli/output.hpp"
#include "api/cli/preview.hpp"
#include "api/text_file.hpp"
#include "sagas/definition_loader.hpp"
#include "sagas/explore/explore.hpp"

namespace skald::api {
namespace {

struct ExploreOptions {
  std::vector<std::string> files;
  std::string services, preview, server;
  std::size_t situations = sagas::kMostSituations;
  Format format = Format::Table;
};

// A file has faults, or was explored.
struct Explored {
  FileReport report;
  std::optional<sagas::Exploration> found;
};

Explored explore_file(const std::string& file, const ExploreOptions& options, Registries& registries,
                      std::vector<Explored>& all) {
  const auto text = read_text_file(file);
  if (!text) return {unreadable(file, text.error().message), std::nullopt};
  std::vector<FileReport> beside;
  const auto loaded = sagas::load_definition(*text, file, registries.beside(file, beside));
  for (FileReport& report : beside)
    if (!report.sound()) all.push_back({std::move(report), std::nullopt});
  if (!loaded.definition) return {{file, loaded.faults}, std::nullopt};
  sagas::WalkOptions walk;
  walk.most_situations = options.situations;
  return {{file, {}}, sagas::explore(*loaded.definition, walk)};
}

Json json_of(const Explored& one) {
  return one.found ? sagas::exploration_json(*one.found, one.report.file) : report_json(one.report);
}

void print(const std::vector<Explored>& all, Format format) {
  if (format != Format::Table) {
    Json::Array items;
    for (const Explored& one : all) items.push_back(json_of(one));
    return print_document(Json::object({{"items", Json(std::move(items))}}), format);
  }
  for (const Explored& one : all) {
    for (const auto& fault : one.report.faults)
      if (!fault.warning) std::cout << sagas::to_text(fault) << "\n";
    if (one.found) std::cout << sagas::exploration_text(*one.found, one.report.file);
  }
  std::cout << std::flush;
}

ExitCode exit_code_of(const std::vector<Explored>& all) {
  const auto any = [&](auto condition) { return std::any_of(all.begin(), all.end(), condition); };
  if (any([](const Explored& one) { return one.found && !one.found->faults.empty(); }))
    return ExitCode::Unexpected;
  const bool invalid =
      any([](const Explored& one) { return one.found ? one.found->surprises() : !one.report.sound(); });
  return invalid ? ExitCode::Invalid : ExitCode::Done;
}

ExitCode explore(const ExploreOptions& options) {
  if (options.files.empty() == options.preview.empty()) {
    complain("give files to explore, or --preview ID");
    return ExitCode::Usage;
  }
  if (!options.preview.empty()) return preview_saga(options.server, options.preview, options.format);
  Registries registries(options.services);
  std::vector<Explored> all;
  for (const std::string& file : options.files) {
    Explored one = explore_file(file, options, registries, all);
    all.push_back(std::move(one));
  }
  print(all, options.format);
  return exit_code_of(all);
}

}  // namespace

void add_explore_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExploreOptions>();
  CLI::App* command = app.add_subcommand(
      "explore",
      "Walk through everything that can happen to a saga: exit code 6 where it can leave something "
      "behind without saying so");
  command->add_option("files", options->files, "*.saga.yaml")->option_text("FILE…");
  command->add_option("--services", options->services, "services.yaml; else the one beside each file")
      ->option_text("FILE");
  command
      ->add_option("--situations", options->situations,
                   "at most so many; above it histories with many troubles are left out")
      ->check(CLI::Range(std::size_t{10}, std::size_t{10'000'000}))
      ->option_text("N")
      ->capture_default_str();
  command->add_option("--preview", options->preview, "what would be called if this saga were undone now")
      ->option_text("ID");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return explore(*options); }; });
}

}  // namespace skald::api
