// skald view list, status, rebuild, skip: how the read models stand, and what may be done about them. They
// ask a server.
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/api_client.hpp"
#include "api/cli/command_line.hpp"
#include "api/cli/output.hpp"
#include "api/cli/saga_table.hpp"
#include "api/cli/view_commands.hpp"

namespace skald::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kRebuildLook = 200ms;

struct ViewOptions {
  std::string name, position, reason, server;
  bool no_wait = false;
  Format format = Format::Table;
};

std::string path_of(const std::string& view) {
  return "/v1/views/" + percent_encoded(view);
}

std::string lag_text(const Json& view) {
  const Json lag = view.get("lag");
  const std::string events = cell(lag, "events");
  return events == "0" ? "none" : events + " events, " + cell(lag, "seconds") + " s";
}

void print_views(const Json& page, Format format) {
  if (format != Format::Table) return print_document(page, format);
  Table table{{"NAME", "STATUS", "GENERATION", "LAG", "REBUILD"}, {}};
  for (const Json& view : page.get("items").as_array())
    table.rows.push_back({cell(view, "name"), painted(cell(view, "status")), cell(view, "generation"),
                          lag_text(view), cell(view.get("rebuild"), "status")});
  print_table(table);
}

Table table_of(const Json& object) {
  Table table{{"", ""}, {}};
  for (const auto& [key, value] : object.as_object())
    table.rows.push_back({key, value.is_string() ? value.as_string() : value.is_null() ? "" : value.dump()});
  return table;
}

void print_one(const Json& object, Format format) {
  if (format != Format::Table) return print_document(object, format);
  print_table(table_of(object));
}

ExitCode list_views(ApiClient& client, const ViewOptions& options) {
  const auto reply = client.get("/v1/views");
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_views(reply->body, options.format);
  return ExitCode::Done;
}

ExitCode view_status(ApiClient& client, const ViewOptions& options) {
  if (options.name.empty()) return list_views(client, options);
  const auto reply = client.get("/v1/views");
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  for (const Json& view : reply->body.get("items").as_array())
    if (view.get("name") == Json(options.name)) {
      print_one(view, options.format);
      return ExitCode::Done;
    }
  return complain(not_found("there is no view named " + options.name));
}

// One line that is written over, for people who watch.
void show_progress(const Json& rebuild) {
  if (!isatty(STDERR_FILENO)) return;
  std::cerr << "\r\033[K" << cell(rebuild, "status") << ": " << cell(rebuild, "events") << " of "
            << cell(rebuild, "of") << " events, " << cell(rebuild, "rate") << "/s, "
            << cell(rebuild, "remaining") << " s left" << std::flush;
}

bool is_over(const Json& rebuild) {
  const std::string status = cell(rebuild, "status");
  return status == "done" || status == "stopped";
}

Result<ApiReply> when_over(ApiClient& client, const std::string& address) {
  for (;;) {
    std::this_thread::sleep_for(kRebuildLook);
    auto reply = client.get(address);
    if (!reply || !reply->good() || is_over(reply->body)) return reply;
    show_progress(reply->body);
  }
}

ExitCode rebuild_view(ApiClient& client, const ViewOptions& options) {
  const std::string address = path_of(options.name) + "/rebuild";
  const auto begun = client.post(address, Json());
  const bool waits = begun && begun->good() && !options.no_wait && !is_over(begun->body);
  if (waits) show_progress(begun->body);
  const auto reply = waits ? when_over(client, address) : begun;
  if (isatty(STDERR_FILENO)) std::cerr << "\r\033[K" << std::flush;
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_one(reply->body, options.format);
  return cell(reply->body, "status") == "stopped" ? ExitCode::Conflict : ExitCode::Done;
}

ExitCode skip_event(ApiClient& client, const ViewOptions& options) {
  const auto reply = client.post(path_of(options.name) + "/skip",
                                 Json::object({{"position", options.position}, {"reason", options.reason}}));
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  print_one(reply->body, options.format);
  return ExitCode::Done;
}

using Act = ExitCode (*)(ApiClient&, const ViewOptions&);

CLI::App* add_view_command(CLI::App& views, Chosen& chosen, const char* name, const char* about,
                           const std::shared_ptr<ViewOptions>& options, Act act) {
  CLI::App* command = views.add_subcommand(name, about);
  add_server_option(*command, options->server);
  add_format_option(*command, options->format);
  command->callback([options, act, &chosen] {
    chosen = [options, act]() -> ExitCode {
      auto client = ApiClient::of(options->server);
      return client ? act(*client, *options) : complain(client.error());
    };
  });
  return command;
}

}  // namespace

void add_view_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* views = app.add_subcommand("view", "Read models: how they stand, rebuild them");
  views->require_subcommand(1);
  auto options = std::make_shared<ViewOptions>();
  add_view_command(*views, chosen, "list", "All views, and how far behind the log each is", options,
                   list_views);
  auto* one = add_view_command(*views, chosen, "status", "One view, or all", options, view_status);
  one->add_option("name", options->name, "of the view")->option_text("[NAME]");
  auto* again =
      add_view_command(*views, chosen, "rebuild", "Fold the whole log anew, beside the table that is read",
                       options, rebuild_view);
  again->add_option("name", options->name, "of the view")->required()->option_text("NAME");
  again->add_flag("--no-wait", options->no_wait, "do not wait until it is done");
  auto* leave_out = add_view_command(
      *views, chosen, "skip", "Leave out the event at which a view stands stopped", options, skip_event);
  leave_out->add_option("name", options->name, "of the view")->required()->option_text("NAME");
  leave_out->add_option("--position", options->position, "of the event, as status tells it")
      ->required()
      ->option_text("POSITION");
  leave_out->add_option("--reason", options->reason, "why, for those who look later")
      ->required()
      ->option_text("TEXT");
  add_view_at(*views, chosen);
}

}  // namespace skald::api
