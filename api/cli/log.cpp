// skald log export, import: the whole log as JSON lines, and back. They go to the database themselves.
#include <fstream>
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/database_option.hpp"
#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/replay/export_log.hpp"
#include "api/replay/whole_file.hpp"
#include "eventstore/pg/log_import.hpp"

namespace skald::api {
namespace {

struct LogOptions {
  std::string database_url, file = "-";
  bool resume = false;
};

ExitCode export_to_file(const LogOptions& options) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  WholeFile out(options.file);
  if (const auto opened = out.open(); !opened) return complain(opened.error());
  const auto moved = export_log(*url, [&](const std::string& text) { return out.write(text); });
  if (!moved) return complain(moved.error());
  if (const auto kept = out.keep(); !kept) return complain(kept.error());
  std::cerr << moved->events << " events exported\n";
  return ExitCode::Done;
}

ExitCode resume(const std::string& url) {
  if (const auto resumed = store::resume_log(url); !resumed) return complain(resumed.error());
  std::cerr << "nodes may begin on this database from now on\n";
  return ExitCode::Done;
}

ExitCode import_from_file(const LogOptions& options, bool named) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  if (!named && options.resume) return resume(*url);
  if (!named) {
    complain("which log? name its file, or - for standard input");
    return ExitCode::Usage;
  }
  std::ifstream file;
  if (options.file != "-") file.open(options.file, std::ios::binary);
  if (options.file != "-" && !file) return complain(not_found("cannot read " + options.file));
  const auto moved = import_log(*url, options.file == "-" ? std::cin : file);
  if (!moved) return complain(moved.error());
  std::cerr << moved->events << " events of " << moved->sagas << " sagas imported\n";
  if (options.resume) return resume(*url);
  std::cerr << "the database is frozen until: skald log import --resume\n";
  return ExitCode::Done;
}

}  // namespace

void add_log_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* log = app.add_subcommand("log", "The event log: follow it, count it, take it elsewhere");
  log->require_subcommand(1);
  add_log_tail(*log, chosen);
  add_log_stats(*log, chosen);
  add_log_retain(*log, chosen);

  auto exported = std::make_shared<LogOptions>();
  CLI::App* out = log->add_subcommand("export", "Write the whole log as JSON lines");
  add_database_option(*out, exported->database_url);
  out->add_option("file", exported->file, "where to; - is standard output (-)")->option_text("FILE");
  out->callback([exported, &chosen] { chosen = [exported] { return export_to_file(*exported); }; });

  auto imported = std::make_shared<LogOptions>();
  CLI::App* in = log->add_subcommand(
      "import", "Write an exported log into an empty database, which stays frozen until --resume");
  add_database_option(*in, imported->database_url);
  auto* file =
      in->add_option("file", imported->file, "the exported log; - is standard input")->option_text("FILE");
  in->add_flag("--resume", imported->resume,
               "let nodes begin on the database; alone, on one that was imported before");
  in->callback([imported, file, &chosen] {
    chosen = [imported, named = file->count() > 0] { return import_from_file(*imported, named); };
  });
}

}  // namespace skald::api
