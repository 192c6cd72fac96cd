// skald cancel, retry, skip, compensate, pause, resume, terminate, signal: of one saga by its id, or of all
// that a filter finds.
#include <iostream>
#include <memory>

#include "api/cli/command_line.hpp"
#include "api/cli/json_argument.hpp"
#include "api/cli/saga_filter.hpp"
#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

struct VerbOptions {
  std::string id, word, reason, step, json, key,
      server;  // word: the step or event that is named behind the id
  bool done = false, dry_run = false;
  SagaFilter filter;
  Format format = Format::Table;
};

// What is asked of each saga.
struct Request {
  std::string verb;  // the end of the path
  Json body;
  ApiClient::Headers headers;
};

struct VerbCommand {
  const char* name;
  const char* about;
  const char* word;  // what has to be named behind the id; nullptr: nothing
  bool needs_reason;
  Result<Request> (*request)(const VerbOptions& options, const std::string& word);
};

Json::Object reason_of(const VerbOptions& options) {
  Json::Object body;
  if (!options.reason.empty()) body.set("reason", options.reason);
  return body;
}

template <const char* const& kName>
Result<Request> with_reason(const VerbOptions& options, const std::string&) {
  return Request{kName, reason_of(options), {}};
}

Result<Request> retry(const VerbOptions& options, const std::string&) {
  Json::Object body = reason_of(options);
  if (!options.step.empty()) body.set("step", options.step);
  return Request{"retry", body, {}};
}

Result<Request> skip(const VerbOptions& options, const std::string& step) {
  const auto output = json_argument("--output", options.json);
  if (!output) return output.error();
  Json::Object body = reason_of(options);
  body.set("step", step);
  if (!output->is_null()) body.set("output", *output);
  if (options.done) body.set("done", true);
  return Request{"skip", body, {}};
}

Result<Request> signal(const VerbOptions& options, const std::string& event) {
  const auto data = json_argument("--data", options.json);
  if (!data) return data.error();
  Request request{"signals/" + percent_encoded(event), *data, {}};
  if (!options.key.empty()) request.headers.emplace_back("Idempotency-Key", options.key);
  return request;
}

constexpr const char* kCancel = "cancel";
constexpr const char* kCompensate = "compensate";
constexpr const char* kPause = "pause";
constexpr const char* kResume = "resume";
constexpr const char* kTerminate = "terminate";

constexpr VerbCommand kVerbCommands[] = {
    {kCancel, "Ask for a saga to be undone", nullptr, false, with_reason<kCancel>},
    {"signal", "Send an event to a saga", "event", false, signal},
    {"retry", "Try a stuck step again, or one that waits for its next attempt, now", nullptr, false, retry},
    {"skip", "Go on as if a stuck step were done, or its undo not needed", "step", true, skip},
    {kCompensate, "Undo a saga that has not passed its pivot", nullptr, true, with_reason<kCompensate>},
    {kPause, "Let a saga begin nothing new", nullptr, false, with_reason<kPause>},
    {kResume, "Let a paused saga go on", nullptr, false, with_reason<kResume>},
    {kTerminate, "End a saga as it stands, its children too, and undo nothing", nullptr, true,
     with_reason<kTerminate>},
};

Result<ApiReply> ask(ApiClient& client, const std::string& id, const Request& request) {
  return client.post("/v1/sagas/" + percent_encoded(id) + "/" + request.verb, request.body, request.headers);
}

ExitCode ask_one(ApiClient& client, const VerbOptions& options, const Request& request) {
  const auto reply = ask(client, options.id, request);
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_saga(reply->body, options.format);
  return ExitCode::Done;
}

Json outcome_of(const Json& saga, const ApiReply& reply) {
  return Json::object({{"id", saga.get("id")},
                       {"name", saga.get("name")},
                       {"accepted", reply.good()},
                       {"status", reply.good() ? reply.body.get("status") : saga.get("status")},
                       {"why", reply.good() ? Json() : reply.body.get("detail")}});
}

void print_outcomes(const Json::Array& outcomes, Format format) {
  if (format != Format::Table) return print_document(Json::object({{"items", outcomes}}), format);
  Table table{{"ID", "NAME", "RESULT", "STATUS", "WHY NOT"}, {}};
  for (const auto& one : outcomes)
    table.rows.push_back({cell(one, "id"), cell(one, "name"),
                          one.get("accepted") == Json(true) ? "accepted" : "refused",
                          painted(cell(one, "status")), cell(one, "why")});
  print_table(table);
}

// Before anything is done, what it will be done to.
void announce(const Json::Array& sagas, const char* verb) {
  std::cerr << verb << ": " << sagas.size() << (sagas.size() == 1 ? " saga\n" : " sagas\n");
  for (const auto& saga : sagas) std::cerr << cell(saga, "id") << "\n";
}

ExitCode ask_all(ApiClient& client, const VerbOptions& options, const Request& request, const char* verb) {
  const auto found = find_sagas(client, options.filter);
  if (!found) return complain(found.error());
  if (const auto* refused = std::get_if<ApiReply>(&*found)) return complain_about(*refused);
  const auto& sagas = std::get<Json::Array>(*found);
  if (options.dry_run) {
    std::cerr << verb << ": " << sagas.size() << (sagas.size() == 1 ? " saga" : " sagas")
              << ", nothing is done\n";
    const Json page = Json::object({{"items", sagas}});
    if (options.format != Format::Table)
      print_document(page, options.format);
    else
      std::cout << saga_list_text(page) << std::flush;
    return ExitCode::Done;
  }
  announce(sagas, verb);
  Json::Array outcomes;
  ExitCode code = ExitCode::Done;
  for (const auto& saga : sagas) {
    const auto reply = ask(client, cell(saga, "id"), request);
    if (!reply) {  // what was done so far is told all the same
      code = complain(reply.error());
      break;
    }
    if (!reply->good()) code = ExitCode::Conflict;
    outcomes.push_back(outcome_of(saga, *reply));
  }
  print_outcomes(outcomes, options.format);
  return code;
}

ExitCode usage(const std::string& sentence) {
  complain(sentence);
  return ExitCode::Usage;
}

// With a filter there is no id, so the only word is the step or event.
ExitCode run(const VerbCommand& verb, VerbOptions options) {
  const bool filtered = !options.filter.empty();
  if (filtered && verb.word && options.word.empty()) options.word = std::exchange(options.id, "");
  if (filtered && !options.id.empty()) return usage("give an id or a filter, not both");
  if (!filtered && options.id.empty())
    return usage("give the id of a saga, or a filter such as --status stuck");
  if (!filtered && options.dry_run) return usage("--dry-run belongs to a filter such as --status stuck");
  if (verb.word && options.word.empty()) return usage(std::string("name the ") + verb.word);
  const auto request = verb.request(options, options.word);
  if (!request) return complain(request.error());
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  return filtered ? ask_all(*client, options, *request, verb.name) : ask_one(*client, options, *request);
}

void add_own_options(CLI::App& command, const VerbCommand& verb, VerbOptions& options) {
  const std::string_view name = verb.name;
  if (name == "retry")
    command.add_option("--step", options.step, "which step, where several wait")->option_text("STEP");
  if (name == "skip") {
    command.add_option("--output", options.json, "output of the step: JSON, @FILE or @-")
        ->option_text("JSON");
    command.add_flag("--done", options.done, "of an undo: it was done by other means");
  }
  if (name == "signal") {
    command.add_option("--data", options.json, "the event's data: JSON, @FILE or @-")->option_text("JSON");
    command.add_option("--key", options.key, "the same key is kept once")->option_text("KEY");
    return;
  }
  command.add_option("--reason", options.reason, "why, for those who read the story later")
      ->option_text("TEXT")
      ->required(verb.needs_reason);
}

void add_verb(CLI::App& app, Chosen& chosen, const VerbCommand& verb) {
  auto options = std::make_shared<VerbOptions>();
  CLI::App* command = app.add_subcommand(verb.name, verb.about);
  command->add_option("id", options->id, "id of the saga; none with a filter")->option_text("ID");
  if (verb.word) command->add_option(verb.word, options->word, "its name")->option_text("NAME");
  add_own_options(*command, verb, *options);
  add_filter_options(*command, options->filter);
  command->add_flag("--dry-run", options->dry_run, "with a filter: show which sagas, and do nothing");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format,
                    std::string_view(verb.name) == "skip" ? "-o,--format" : "-o,--output");
  command->callback([options, &verb, &chosen] { chosen = [options, &verb] { return run(verb, *options); }; });
}

}  // namespace

void add_verb_commands(CLI::App& app, Chosen& chosen) {
  for (const VerbCommand& verb : kVerbCommands) add_verb(app, chosen, verb);
}

}  // namespace skald::api
