// skald doctor: looks at everything a node stands on, and says for each what to do about it.
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/database_checks.hpp"
#include "api/cli/database_option.hpp"
#include "api/cli/findings.hpp"
#include "api/cli/machine_checks.hpp"
#include "api/cli/output.hpp"
#include "api/environment.hpp"
#include "api/text_file.hpp"
#include "engine/runtime/http_client.hpp"
#include "sagas/services.hpp"

namespace skald::api {
namespace {

struct DoctorOptions {
  std::string database_url, services, directory = ".";
  Format format = Format::Table;
};

// Any answer will do: what a service says to "GET /" is its own affair.
Finding look_for(const sagas::Service& service) {
  const std::string what = "service " + service.name;
  const auto base = runtime::BaseUrl::parse(service.url);
  if (!base) return failed(what, base.error().message, "correct its url in services.yaml");
  constexpr Duration kPatience = std::chrono::seconds(2);
  boost::asio::io_context io;
  runtime::HttpClient client(io, *base);
  std::optional<runtime::HttpOutcome> outcome;
  client.send({"GET", "/", {}, ""}, kPatience, [&](runtime::HttpOutcome got) { outcome = std::move(got); });
  while (!outcome && io.run_one() > 0) {
  }
  const auto* failure = outcome ? std::get_if<runtime::HttpFailure>(&*outcome) : nullptr;
  if (!failure) return fine(what, "answers at " + service.url);
  return doubtful(what, service.url + ": " + failure->detail,
                  "start it, or correct its url (" + sagas::url_variable(service.name) +
                      " overrides it); its steps wait until it answers");
}

void check_services(const std::string& file, Findings& findings) {
  const auto text = read_text_file(file);
  if (!text)
    return findings.push_back(failed("services", text.error().message, "name the file with --services"));
  const auto loaded = sagas::load_services(*text, file, environment_value);
  for (const auto& fault : loaded.faults)
    findings.push_back(fault.warning ? doubtful("services", sagas::to_text(fault), "")
                                     : failed("services", sagas::to_text(fault), "correct the file"));
  if (!loaded.registry) return;
  for (const auto& service : loaded.registry->all()) findings.push_back(look_for(service));
}

std::string services_file(const DoctorOptions& options) {
  if (!options.services.empty()) return options.services;
  const auto beside = std::filesystem::path(options.directory) / "services.yaml";
  return std::filesystem::exists(beside) ? beside.string() : "";
}

Json finding_json(const Finding& finding) {
  return Json::object({{"check", finding.what},
                       {"result", word_of(finding.verdict)},
                       {"detail", finding.detail},
                       {"remedy", finding.remedy}});
}

void print(const Findings& findings, Format format) {
  if (format != Format::Table) {
    Json::Array items;
    for (const auto& finding : findings) items.push_back(finding_json(finding));
    return print_document(Json::object({{"items", Json(std::move(items))}}), format);
  }
  Table table{{"RESULT", "CHECK", "DETAIL"}, {}};
  for (const auto& finding : findings)
    table.rows.push_back({painted(word_of(finding.verdict)), finding.what,
                          finding.detail + (finding.remedy.empty() ? "" : "; " + finding.remedy)});
  print_table(table);
}

ExitCode doctor(const DoctorOptions& options) {
  Findings findings;
  check_machine(options.directory, findings);
  const auto url = database_url_of(options.database_url);
  if (url)
    check_database(*url, findings);
  else
    findings.push_back(
        doubtful("database", "not looked at: none is named",
                 "name it with --database-url or SKALD_DATABASE_URL; skald dev brings its own"));
  if (const auto file = services_file(options); !file.empty()) check_services(file, findings);
  print(findings, options.format);
  for (const auto& finding : findings)
    if (finding.verdict == Verdict::Failed)
      return finding.unreachable ? ExitCode::Unreachable : ExitCode::Unexpected;
  return ExitCode::Done;
}

}  // namespace

void add_doctor_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      app.add_subcommand("doctor", "Look at what a node stands on; exit code 1 or 7 if it cannot run");
  add_database_option(*command, options->database_url);
  command->add_option("--services", options->services, "services.yaml; else the one in the directory")
      ->option_text("FILE");
  command->add_option("--directory", options->directory, "where skald dev would run (.)")->option_text("DIR");
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return doctor(*options); }; });
}

}  // namespace skald::api
