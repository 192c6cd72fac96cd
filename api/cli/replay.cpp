// skald replay saga, check, verify: the log told again. They read the database themselves (README.md says
// why) and change nothing.
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/database_option.hpp"
#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/cli/saga_table.hpp"
#include "api/replay/check.hpp"
#include "api/replay/replayed_saga.hpp"
#include "api/replay/verify.hpp"
#include "api/text_file.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::api {
namespace {

// More of them help nobody at once, and memory stays what it is.
constexpr std::size_t kMostFindings = 1'000;

struct ReplayOptions {
  std::string database_url, id, until, definition, view;
  std::int32_t at = 0;
  std::size_t sample = 1'000;
  bool all = false;
  Format format = Format::Table;
};

ExitCode replay_saga(const ReplayOptions& options) {
  const auto id = parse_saga_id(options.id);
  if (!id) return complain(not_found("there is no saga " + options.id));
  ReplayUntil until;
  if (options.at > 0) until.event = options.at;
  if (!options.until.empty()) {
    const auto time = parse_rfc3339(options.until);
    if (!time) {
      complain("--until: " + time.error().message);
      return ExitCode::Usage;
    }
    until.time = *time;
  }
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  const auto replayed = replay_saga(*url, *id, until);
  if (!replayed) return complain(replayed.error());
  if (options.format == Format::Table)
    std::cout << replayed_table(*replayed) << std::flush;
  else
    print_document(replayed_json(*replayed), options.format);
  return ExitCode::Done;
}

// What was found, as rows of one list; those beyond the bound are counted.
class FoundList {
 public:
  void add(Json finding) {
    ++count_;
    if (items_.size() < kMostFindings) items_.push_back(std::move(finding));
  }
  std::size_t left_out() const { return count_ - items_.size(); }

  void print(const std::vector<std::pair<std::string, std::string>>& columns, Json::Object summary,
             Format format) {
    if (format != Format::Table) {
      summary.set("items", Json(std::move(items_)));
      summary.set("leftOut", static_cast<std::int64_t>(left_out_before_));
      return print_document(Json(std::move(summary)), format);
    }
    if (items_.empty()) return;
    Table table;
    for (const auto& [heading, member] : columns) table.headings.push_back(heading);
    for (const Json& item : items_) {
      auto& row = table.rows.emplace_back();
      for (const auto& [heading, member] : columns) row.push_back(cell(item, member));
    }
    print_table(table);
  }
  void close() { left_out_before_ = left_out(); }

 private:
  std::size_t count_ = 0, left_out_before_ = 0;
  Json::Array items_;
};

void tell_left_out(std::size_t count) {
  if (count > 0) std::cerr << "and " << count << " more\n";
}

Json divergence_json(const Divergence& found) {
  return Json::object({{"saga", to_text(found.saga)},
                       {"version", found.version},
                       {"status", found.status},
                       {"event", found.difference.event},
                       {"recorded", found.difference.recorded},
                       {"expected", found.difference.expected},
                       {"why", found.difference.why}});
}

// The definition of the file, or its faults.
Result<core::Definition> read_definition(const std::string& file) {
  const auto text = read_text_file(file);
  if (!text) return text.error();
  auto loaded = sagas::load_definition(*text, file, nullptr);
  if (!loaded.definition) {
    std::string faults = "the definition is not sound";
    for (const auto& fault : loaded.faults)
      if (!fault.warning) faults += "\n" + sagas::to_text(fault);
    return invalid(std::move(faults));
  }
  return std::move(*loaded.definition);
}

ExitCode replay_check(const ReplayOptions& options) {
  const auto changed = read_definition(options.definition);
  if (!changed) return complain(changed.error());
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  auto archive = store::Archive::open(*url);
  if (!archive) return complain(archive.error());
  FoundList findings;
  const auto checked = check(*archive, *changed, options.all ? 0 : options.sample,
                             [&](Divergence found) { findings.add(divergence_json(found)); });
  if (!checked) return complain(checked.error());
  findings.close();
  Json::Array notes(checked->not_compared.begin(), checked->not_compared.end());
  Json::Object summary;
  summary.set("name", changed->name);
  summary.set("sagas", checked->sagas);
  summary.set("diverged", checked->diverged);
  summary.set("notCompared", Json(std::move(notes)));
  const auto left_out = findings.left_out();
  findings.print({{"SAGA", "saga"},
                  {"VERSION", "version"},
                  {"STATUS", "status"},
                  {"EVENT", "event"},
                  {"RECORDED", "recorded"},
                  {"WOULD BE", "expected"},
                  {"WHY", "why"}},
                 std::move(summary), options.format);
  tell_left_out(left_out);
  for (const auto& note : checked->not_compared) std::cerr << "not compared: " << note << "\n";
  std::cerr << checked->sagas << " sagas of " << changed->name << " told again, " << checked->diverged
            << " would diverge\n";
  return checked->diverged > 0 ? kDivergence : ExitCode::Done;
}

Json violation_json(const Violation& found) {
  Json::Object item;
  item.append("invariant", found.invariant);
  item.append("place", found.place);
  item.append("detail", found.detail);
  if (!found.row) return Json(std::move(item));
  const auto text = [](const std::optional<std::string>& value) { return value ? Json(*value) : Json(); };
  Json::Object key;
  for (const auto& [column, value] : found.row->key) key.append(column, value);
  item.append("view", found.row->view);
  item.append("key", Json(std::move(key)));
  item.append("column", text(found.row->column));
  item.append("stored", text(found.row->stored));
  item.append("folded", text(found.row->folded));
  return Json(std::move(item));
}

ExitCode replay_verify(const ReplayOptions& options) {
  const auto url = database_url_of(options.database_url);
  if (!url) return complain(url.error());
  FoundList findings;
  const auto view = options.view.empty() ? std::nullopt : std::optional(options.view);
  const auto verified =
      verify(*url, view, [&](const Violation& found) { findings.add(violation_json(found)); });
  if (!verified) return complain(verified.error());
  findings.close();
  Json::Object summary;
  summary.set("events", verified->events);
  summary.set("sagas", verified->sagas);
  summary.set("views", static_cast<std::int64_t>(verified->views));
  summary.set("violations", verified->violations);
  summary.set("notes", Json(Json::Array(verified->notes.begin(), verified->notes.end())));
  const auto left_out = findings.left_out();
  findings.print({{"INVARIANT", "invariant"}, {"PLACE", "place"}, {"DETAIL", "detail"}}, std::move(summary),
                 options.format);
  tell_left_out(left_out);
  for (const auto& note : verified->notes) std::cerr << "note: " << note << "\n";
  std::cerr << verified->events << " events of " << verified->sagas << " sagas verified, " << verified->views
            << (verified->views == 1 ? " view" : " views") << " compared, " << verified->violations
            << (verified->violations == 1 ? " violation\n" : " violations\n");
  return verified->violations > 0 ? kDivergence : ExitCode::Done;
}

using SharedOptions = std::shared_ptr<ReplayOptions>;

CLI::App* add_verb(CLI::App& replay, Chosen& chosen, const SharedOptions& options, const char* name,
                   const char* about, ExitCode (*act)(const ReplayOptions&)) {
  CLI::App* command = replay.add_subcommand(name, about);
  add_database_option(*command, options->database_url);
  add_format_option(*command, options->format);
  command->callback([options, act, &chosen] { chosen = [options, act] { return act(*options); }; });
  return command;
}

}  // namespace

void add_replay_commands(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* replay =
      app.add_subcommand("replay", "Tell recorded sagas again: their states, their ways, the whole log");
  replay->require_subcommand(1);
  CLI::App* saga = add_verb(*replay, chosen, options, "saga",
                            "The state of a saga, and what is outstanding, after each event", &replay_saga);
  saga->add_option("id", options->id, "id of the saga")->required()->option_text("ID");
  auto* at = saga->add_option("--at", options->at, "only after that event, in full")
                 ->option_text("N")
                 ->check(CLI::PositiveNumber);
  saga->add_option("--until", options->until, "only at that time, in full")
      ->option_text("TIME")
      ->excludes(at);
  CLI::App* check =
      add_verb(*replay, chosen, options, "check",
               "Which recorded sagas a changed definition would have led another way; exit code 20 if any",
               &replay_check);
  check->add_option("--definition", options->definition, "the changed definition")
      ->required()
      ->option_text("FILE");
  auto* sample = check->add_option("--sample", options->sample, "so many sagas, always the same ones (1000)")
                     ->option_text("N")
                     ->check(CLI::PositiveNumber);
  check->add_flag("--all", options->all, "every saga of that name")->excludes(sample);
  CLI::App* verify = add_verb(
      *replay, chosen, options, "verify",
      "Hold the log, the rows beside it and the views against a fresh fold; exit code 20 on a difference",
      &replay_verify);
  verify->add_option("--view", options->view, "this view alone")->option_text("NAME");
}

}  // namespace skald::api
