// skald log export, import: the whole log as JSON lines, and back. They go to the database themselves.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/database_option.hpp"
#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/replay/export_log.hpp"
#include "eventstore/pg/log_import.hpp"

namespace skald::api {
namespace {

struct LogOptions {
  std::string database_url, file = "-";
  bool resume = false;
};

// The text goes to a file beside the one that was named, which takes its name only when it is whole.
class ToFile {
 public:
  explicit ToFile(std::string name) : name_(std::move(name)), out_(nullptr, &std::fclose) {}
  ~ToFile() {
    if (!kept_ && out_ && name_ != "-") std::remove(part().c_str());
  }

  Result<void> open() {
    out_.reset(name_ == "-" ? fdopen(dup(STDOUT_FILENO), "wb") : std::fopen(part().c_str(), "wb"));
    if (out_) return {};
    return conflict("cannot write " + (name_ == "-" ? "standard output" : part()) + ": " +
                    std::strerror(errno));
  }
  Result<void> write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), out_.get()) == text.size()) return {};
    return unexpected(std::string("the log cannot be written on: ") + std::strerror(errno));
  }
  Result<void> keep() {
    const bool flushed = std::fflush(out_.get()) == 0 && (name_ == "-" || fsync(fileno(out_.get())) == 0);
    if (!flushed) return unexpected(std::string("the log cannot be written on: ") + std::strerror(errno));
    if (name_ != "-" && std::rename(part().c_str(), name_.c_str()) != 0)
      return unexpected("cannot name " + name_ + ": " + std::strerror(errno));
    kept_ = true;
    return {};
  }

 private:
  std::string part() const { return name_ + ".part"; }
  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out_;
  bool kept_ = false;
};

ExitCode export_to_file(const LogOptions& options) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  ToFile out(options.file);
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
