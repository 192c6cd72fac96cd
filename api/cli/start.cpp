// skald start NAME --input JSON|@FILE [--key K] [--wait]
#include <iostream>
#include <memory>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/json_argument.hpp"
#include "api/cli/output.hpp"
#include "api/cli/saga_table.hpp"

namespace skald::api {
namespace {

// How long the server holds one request of ours; then it is asked again.
constexpr Duration kEndPoll = std::chrono::seconds(30);

struct StartOptions {
  std::string name, input, key, server;
  Format format = Format::Table;
  bool wait = false;
};

ExitCode exit_code_of_end(const std::string& status) {
  if (status == "compensated") return ExitCode::Compensated;
  if (status == "stuck" || status == "failed") return ExitCode::StuckOrFailed;
  if (status == "cancelled") return ExitCode::Cancelled;
  return ExitCode::Done;
}

// A saga that waits for a person will not end by itself.
bool has_settled(const Json& saga) {
  return !saga.get("endedAt").is_null() || saga.get("status") == Json("stuck");
}

Result<ApiReply> follow_to_end(ApiClient& client, const std::string& id) {
  ApiClient::Headers known;
  for (;;) {
    // Without an ETag there is nothing to wait for yet: the first request asks how things stand.
    const std::string target = "/v1/sagas/" + id + (known.empty() ? "" : "?wait=" + to_text(kEndPoll));
    auto reply = client.get(target, known, kEndPoll);
    if (!reply || !reply->good()) return reply;
    if (reply->status == 304) continue;
    if (has_settled(reply->body)) return reply;
    known.clear();
    for (const auto& [name, value] : reply->headers)
      if (name == "ETag") known = {{"If-None-Match", value}};
  }
}

ExitCode show_end(ApiClient& client, const std::string& id, Format format) {
  const auto reply = follow_to_end(client, id);
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_saga(reply->body, format);
  return exit_code_of_end(reply->body.get("status").as_string());
}

ExitCode start(const StartOptions& options) {
  const auto input = json_argument("--input", options.input);
  if (!input) return complain(input.error());
  auto client = ApiClient::of(options.server);
  if (!client) return complain(client.error());

  ApiClient::Headers headers;
  if (!options.key.empty()) headers.emplace_back("Idempotency-Key", options.key);
  const auto reply = client->post("/v1/sagas/" + percent_encoded(options.name), *input, headers);
  if (!reply) return complain(reply.error());
  // A saga that was begun and is being undone answers as a problem that names it: with --wait, its end
  // counts.
  const Json id = reply->good() ? reply->body.get("id") : reply->body.get("saga");
  const bool begun = id.is_string() && reply->body.get("type") != Json("key-reused");
  if (options.wait && begun) return show_end(*client, id.as_string(), options.format);
  if (!reply->good()) return complain_about(*reply);
  print_saga(reply->body, options.format);
  return ExitCode::Done;
}

}  // namespace

void add_start_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<StartOptions>();
  CLI::App* command = app.add_subcommand("start", "Start a saga");
  command->add_option("name", options->name, "name of the definition")->required()->option_text("NAME");
  command->add_option("-i,--input", options->input, "its input: JSON, @FILE, or @- for standard input")
      ->option_text("JSON|@FILE");
  command->add_option("-k,--key", options->key, "start key: the same key and input give the same saga")
      ->option_text("KEY");
  command->add_flag("-w,--wait", options->wait,
                    "wait for the end; exit code 10 compensated, 11 stuck or failed, 12 cancelled");
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return start(*options); }; });
}

}  // namespace skald::api
