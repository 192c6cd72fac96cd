// skald events ID: the story of a saga.
#include <iostream>
#include <memory>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

struct EventsOptions {
  std::string id, server;
  Format format = Format::Table;
};

// All pages; the last reply where one was refused.
Result<ApiReply> read_all(ApiClient& client, const std::string& id, Json::Array& events) {
  std::string after = "0";
  for (;;) {
    auto reply = client.get("/v1/sagas/" + percent_encoded(id) + "/events?limit=1000&after=" + after);
    if (!reply || !reply->good()) return reply;
    const Json items = reply->body.get("items");
    if (items.is_array()) events.insert(events.end(), items.as_array().begin(), items.as_array().end());
    after = cell(reply->body, "next");
    if (after.empty()) return reply;
  }
}

ExitCode events(const EventsOptions& options) {
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  Json::Array events;
  const auto reply = read_all(*client, options.id, events);
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  if (options.format == Format::Table)
    std::cout << story_text(events) << std::flush;
  else
    print_document(Json::object({{"items", Json(std::move(events))}, {"next", {}}}), options.format);
  return ExitCode::Done;
}

}  // namespace

void add_events_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* command = app.add_subcommand("events", "Tell the story of a saga");
  command->add_option("id", options->id, "id of the saga")->required()->option_text("ID");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return events(*options); }; });
}

}  // namespace skald::api
