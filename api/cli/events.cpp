// skald events ID [--follow]: the story of a saga.
#include <iostream>
#include <memory>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/saga_events.hpp"
#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

constexpr Duration kEventsPoll = std::chrono::seconds(30);

struct EventsOptions {
  std::string id, server;
  Format format = Format::Table;
  bool follow = false;
};

void print_more(const Json::Array& events, Format format) {
  for (const auto& event : events)
    std::cout << (format == Format::Table ? story_line(event) : event.dump() + "\n");
  std::cout << std::flush;
}

// Events as they come, until the saga has ended.
ExitCode follow(ApiClient& client, const EventsOptions& options) {
  std::string known = "0";
  for (;;) {
    Json::Array fresh;
    const auto reply = read_all_events(client, options.id, known, fresh);
    if (!reply) return complain(reply.error());
    if (!reply->good()) return complain_about(*reply);
    print_more(fresh, options.format);
    if (!fresh.empty()) {
      known = cell(fresh.back(), "version");
      if (cell(fresh.back(), "type") == "SagaEnded") return ExitCode::Done;
    }
    // Comes back when there is more, or after a while; what it says is in the events.
    const auto change =
        client.get("/v1/sagas/" + percent_encoded(options.id) + "?wait=" + to_text(kEventsPoll),
                   {{"If-None-Match", '"' + known + '"'}}, kEventsPoll);
    if (!change) return complain(change.error());
    if (!change->good()) return complain_about(*change);
  }
}

ExitCode events(const EventsOptions& options) {
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());
  if (options.follow) return follow(*client, options);
  Json::Array events;
  const auto reply = read_all_events(*client, options.id, "0", events);
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  if (options.format == Format::Table)
    std::cout << story_text(events) << std::flush;
  else
    print_document(Json::object({{"items", Json(std::move(events))}, {"next", {}}}), options.format);
  return ExitCode::Done;
}

ExitCode checked_events(const EventsOptions& options) {
  const bool one_document = options.format == Format::Json || options.format == Format::Yaml;
  if (!options.follow || !one_document) return events(options);
  complain("what goes on is no single document; with --follow the output is table or jsonl");
  return ExitCode::Usage;
}

}  // namespace

void add_events_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* command = app.add_subcommand("events", "Tell the story of a saga");
  command->add_option("id", options->id, "id of the saga")->required()->option_text("ID");
  command->add_flag("-f,--follow", options->follow, "go on until the saga has ended");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return checked_events(*options); }; });
}

}  // namespace skald::api
