// skald list, show ID, cancel ID
#include <iostream>
#include <memory>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

struct SagaOptions {
  std::string id, reason, server;
  Format format = Format::Table;
};

struct ListOptions {
  std::string name, status, business_key, started_after, started_before, cursor, server;
  unsigned limit = 50;
  Format format = Format::Table;
};

std::string list_target(const ListOptions& options) {
  std::string target = "/v1/sagas?limit=" + std::to_string(options.limit);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) target += std::string("&") + name + "=" + percent_encoded(value);
  };
  add("name", options.name);
  add("status", options.status);
  add("businessKey", options.business_key);
  add("startedAfter", options.started_after);
  add("startedBefore", options.started_before);
  add("cursor", options.cursor);
  return target;
}

ExitCode list(const ListOptions& options) {
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  const auto reply = client->get(list_target(options));
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  if (options.format != Format::Table) {
    print_document(reply->body, options.format);
    return ExitCode::Done;
  }
  std::cout << saga_list_text(reply->body) << std::flush;
  const auto next = cell(reply->body, "next");
  if (!next.empty()) std::cerr << "there are more: --cursor " << next << "\n";
  return ExitCode::Done;
}

ExitCode shown(const Result<ApiReply>& reply, Format format) {
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_saga(reply->body, format);
  return ExitCode::Done;
}

ExitCode show(const SagaOptions& options) {
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  return shown(client->get("/v1/sagas/" + percent_encoded(options.id)), options.format);
}

ExitCode cancel(const SagaOptions& options) {
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  Json::Object body;
  if (!options.reason.empty()) body.set("reason", options.reason);
  return shown(client->post("/v1/sagas/" + percent_encoded(options.id) + "/cancel", body), options.format);
}

void add_list(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "List sagas, newest first");
  command->add_option("--name", options->name, "only of this definition")->option_text("NAME");
  command->add_option("--status", options->status, "only these, separated by commas")
      ->option_text("STATUS,…");
  command->add_option("--business-key", options->business_key, "only with this business key")
      ->option_text("KEY");
  command->add_option("--started-after", options->started_after, "RFC 3339")->option_text("TIME");
  command->add_option("--started-before", options->started_before, "RFC 3339")->option_text("TIME");
  command->add_option("--limit", options->limit, "how many at most (50)")->option_text("NUMBER");
  command->add_option("--cursor", options->cursor, "go on after the page before")->option_text("CURSOR");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

CLI::App* add_for_one_saga(CLI::App& app, Chosen& chosen, const char* name, const char* about,
                           const std::shared_ptr<SagaOptions>& options,
                           ExitCode (*action)(const SagaOptions&)) {
  CLI::App* command = app.add_subcommand(name, about);
  command->add_option("id", options->id, "id of the saga")->required()->option_text("ID");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, action, &chosen] { chosen = [options, action] { return action(*options); }; });
  return command;
}

}  // namespace

void add_saga_commands(CLI::App& app, Chosen& chosen) {
  add_list(app, chosen);
  add_for_one_saga(app, chosen, "show", "Show a saga as it stands", std::make_shared<SagaOptions>(), show);
  auto options = std::make_shared<SagaOptions>();
  add_for_one_saga(app, chosen, "cancel", "Ask for a saga to be undone", options, cancel)
      ->add_option("--reason", options->reason, "why, for those who read the story later")
      ->option_text("TEXT");
}

}  // namespace skald::api
