// skald log retain: ended sagas leave the log once, by hand. A node with the setting `retain` does the same
// by itself.
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/database_option.hpp"
#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/replay/retain_log.hpp"

namespace skald::api {
namespace {

struct RetainOptions {
  std::string database_url, older_than, directory;
  bool dry_run = false;
  Format format = Format::Table;
};

// Half a minute of tries for a lock that is waited for 100 ms at most.
constexpr int kTries = 60;
constexpr auto kBetweenTries = std::chrono::milliseconds(400);

Json document_of(const Retained& retained, bool dry_run) {
  Json::Object document;
  document.append("endedBefore", to_rfc3339(retained.found.ended_before));
  document.append("leave", retained.found.obstacle ? "no" : dry_run ? "would" : "done");
  if (retained.found.obstacle) document.append("obstacle", *retained.found.obstacle);
  document.append("belowPosition", retained.found.below);
  document.append("sagas", retained.found.sagas);
  document.append("staying", retained.found.staying);
  if (retained.left.pass > 0) {
    document.append("events", retained.left.events);
    document.append("keptEvents", retained.left.kept_events);
    document.append("lockedMs", retained.left.held_ms);
  }
  if (!retained.file.empty()) document.append("file", retained.file);
  return Json(std::move(document));
}

void print(const Json& document, Format format) {
  if (format != Format::Table) return print_document(document, format);
  for (const auto& [name, value] : document.as_object())
    std::cout << name << std::string(15 - name.size(), ' ')
              << (value.is_string() ? value.as_string() : value.dump()) << "\n";
  std::cout << std::flush;
}

Result<Retained> look(const std::string& url, Duration age) {
  const auto retention = store::Retention::begin(url, age, store::Retention::Intent::Look);
  if (!retention) return retention.error();
  return Retained{retention->leaving(), {}, {}};
}

ExitCode retain(const RetainOptions& options) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  const auto age = retention_age(options.older_than);
  if (!age) {
    complain(age.error());
    return ExitCode::Usage;
  }
  int tries = 0;
  const auto again = [&tries] {
    std::this_thread::sleep_for(kBetweenTries);
    return ++tries < kTries;
  };
  const auto retained = options.dry_run ? look(*url, *age) : retain_log(*url, *age, options.directory, again);
  if (!retained) return complain(retained.error());
  print(document_of(*retained, options.dry_run), options.format);
  return ExitCode::Done;
}

}  // namespace

void add_log_retain(CLI::App& log, Chosen& chosen) {
  auto options = std::make_shared<RetainOptions>();
  CLI::App* command =
      log.add_subcommand("retain", "Let sagas that ended long ago leave the log; nothing running is touched");
  add_database_option(*command, options->database_url);
  command->add_option("--older-than", options->older_than, "how long ago they ended, at least 7d")
      ->option_text("DURATION")
      ->required();
  command->add_option("--export", options->directory, "write them to a file of this directory first")
      ->option_text("DIR");
  command->add_flag("--dry-run", options->dry_run, "tell what would leave, or why nothing does");
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return retain(*options); }; });
}

}  // namespace skald::api
