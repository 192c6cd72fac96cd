// skald list, show ID
#include <iostream>
#include <memory>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/saga_filter.hpp"
#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

struct ShowOptions {
  std::string id, server;
  Format format = Format::Table;
};

struct ListOptions {
  SagaFilter filter;
  std::string started_after, started_before, cursor, server;
  unsigned limit = 50;
  Format format = Format::Table;
};

std::string list_target(const ListOptions& options) {
  std::string target = "/v1/sagas?limit=" + std::to_string(options.limit) + filter_query(options.filter);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) target += std::string("&") + name + "=" + percent_encoded(value);
  };
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

ExitCode show(const ShowOptions& options) {
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  const auto reply = client->get("/v1/sagas/" + percent_encoded(options.id));
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_saga(reply->body, options.format);
  return ExitCode::Done;
}

void add_list(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "List sagas, newest first");
  add_filter_options(*command, options->filter);
  command->add_option("--started-after", options->started_after, "RFC 3339")->option_text("TIME");
  command->add_option("--started-before", options->started_before, "RFC 3339")->option_text("TIME");
  command->add_option("--limit", options->limit, "how many at most (50)")->option_text("NUMBER");
  command->add_option("--cursor", options->cursor, "go on after the page before")->option_text("CURSOR");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

void add_show(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "Show a saga as it stands");
  command->add_option("id", options->id, "id of the saga")->required()->option_text("ID");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}

}  // namespace

void add_saga_commands(CLI::App& app, Chosen& chosen) {
  add_list(app, chosen);
  add_show(app, chosen);
}

}  // namespace skald::api
