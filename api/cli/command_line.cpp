#include "api/cli/command_line.hpp"

#include <iostream>

#include "api/cli/log_commands.hpp"
#include "api/cli/output.hpp"
#include "api/version.hpp"
#include "sagas/suggestion.hpp"

namespace skald::api {
namespace {

constexpr const char* kAbout = "Skald, an event-sourced saga orchestrator. Begin with: skald dev";

// The command in whose words the parser stopped: the innermost one that was named.
const CLI::App& innermost(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return named.empty() ? app : innermost(*named.front());
}

std::vector<std::string> known_words(const CLI::App& command, bool option) {
  std::vector<std::string> words;
  if (option) {
    for (const auto* known : command.get_options([](const CLI::Option*) { return true; }))
      for (const auto& name : known->get_lnames()) words.push_back("--" + name);
  } else {
    for (const auto* known : command.get_subcommands([](const CLI::App*) { return true; }))
      words.push_back(known->get_name());
  }
  return words;
}

// A sentence about the first word that was not understood.
std::string not_understood(const CLI::App& app) {
  const CLI::App& command = innermost(app);
  const auto rest = app.remaining(true);
  if (rest.empty()) return "this is not understood";
  const std::string word = rest.front().substr(0, rest.front().find('='));
  const bool option = word.starts_with('-');
  const std::string what = option             ? "unknown option "
                           : &command == &app ? "unknown command "
                                              : "unexpected word ";
  const auto remedy = sagas::suggestion(word, known_words(command, option));
  return what + word + (remedy.empty() ? "" : "; " + remedy);
}

ExitCode usage_fault(const CLI::App& app, const std::string& sentence) {
  complain(sentence);
  const auto& command = innermost(app);
  std::cerr << "see: skald " << (&command == &app ? "" : command.get_name() + " ") << "--help\n";
  return ExitCode::Usage;
}

ExitCode parse_and_run(CLI::App& app, Chosen& chosen, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    std::cout << innermost(app).help();
    return ExitCode::Done;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << std::endl;
    return ExitCode::Done;
  } catch (const CLI::ExtrasError&) {
    return usage_fault(app, not_understood(app));
  } catch (const CLI::ParseError& fault) {
    return usage_fault(app, fault.what());
  }
  if (chosen) return chosen();
  std::cout << app.help();
  return ExitCode::Done;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app(kAbout, "skald");
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", std::string("skald ") + kVersion);
  Chosen chosen;
  add_dev_command(app, chosen);
  add_start_command(app, chosen);
  add_saga_commands(app, chosen);
  add_verb_commands(app, chosen);
  add_events_command(app, chosen);
  add_view_commands(app, chosen);
  add_validate_command(app, chosen);
  add_explore_command(app, chosen);
  add_schema_command(app, chosen);
  add_sandbox_command(app, chosen);
  add_node_commands(app, chosen);
  add_database_commands(app, chosen);
  add_doctor_command(app, chosen);
  add_replay_commands(app, chosen);
  add_log_commands(app, chosen);
  add_version_command(app, chosen);
  try {
    return static_cast<int>(parse_and_run(app, chosen, argc, argv));
  } catch (const std::exception& failure) {  // from libraries and the file system; ours are values
    complain(failure.what());
    return static_cast<int>(ExitCode::Unexpected);
  }
}

}  // namespace skald::api
