#include "api/cli/preview.hpp"

#include <iostream>

#include "api/cli/saga_events.hpp"
#include "api/cli/saga_table.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "sagas/definition_loader.hpp"
#include "sagas/explore/preview.hpp"

namespace skald::api {
namespace {

// What the server says, or the exit code of its refusal, which has been told.
using Told = boost::system::result<Json, ExitCode>;

Told told(const Result<ApiReply>& reply) {
  if (!reply) return complain(reply.error());
  if (!reply->good()) return complain_about(*reply);
  return reply->body;
}

Result<core::Definition> definition_of(const Json& saga, const Json& answer) {
  const auto loaded =
      sagas::load_definition(cell(answer, "source"), cell(saga, "name") + ".saga.yaml", nullptr);
  if (!loaded.definition) return unexpected("this program cannot read the definition that the server has");
  core::Definition definition = *loaded.definition;
  definition.version = static_cast<std::int32_t>(saga.get("version").as_integer().value_or(0));
  return definition;
}

Result<core::State> fold(const Json& saga, const Json::Array& events) {
  const auto id = parse_saga_id(cell(saga, "id"));
  if (!id) return id.error();
  core::State state;
  state.id = *id;
  for (const Json& event : events) {
    auto fact = core::fact_from(cell(event, "type"), event);
    const auto time = parse_rfc3339(cell(event, "time"));
    if (!fact) return fact.error();
    if (!time) return time.error();
    state = core::evolve(std::move(state), {*time, std::move(*fact)});
  }
  return state;
}

void print(const Json& saga, const std::vector<sagas::Preview>& previews, Format format) {
  if (format == Format::Table) {
    std::cout << cell(saga, "name") << ", version " << cell(saga, "version") << ", " << cell(saga, "id")
              << ": " << painted(cell(saga, "status")) << "\n";
    for (const sagas::Preview& preview : previews) std::cout << sagas::preview_text(preview);
    std::cout << std::flush;
    return;
  }
  Json::Array list;
  for (const sagas::Preview& preview : previews) list.push_back(sagas::preview_json(preview));
  print_document(Json::object({{"saga", cell(saga, "id")},
                               {"name", cell(saga, "name")},
                               {"version", saga.get("version")},
                               {"status", cell(saga, "status")},
                               {"items", Json(std::move(list))}}),
                 format);
}

}  // namespace

ExitCode preview_saga(const std::string& server, const std::string& id, Format format) {
  auto client = ApiClient::of(server);
  if (!client) return complain(client.error());
  const Told saga = told(client->get("/v1/sagas/" + percent_encoded(id)));
  if (!saga) return saga.error();
  const Told source = told(client->get("/v1/definitions/" + percent_encoded(cell(*saga, "name")) +
                                       "/versions/" + percent_encoded(cell(*saga, "version"))));
  if (!source) return source.error();
  Json::Array events;
  const Told last = told(read_all_events(*client, id, "0", events));
  if (!last) return last.error();
  const auto definition = definition_of(*saga, *source);
  if (!definition) return complain(definition.error());
  const auto state = fold(*saga, events);
  if (!state) return complain(state.error());
  const Timestamp now = system_now();
  print(*saga,
        {sagas::preview_cancel(*definition, *state, now), sagas::preview_failure(*definition, *state, now)},
        format);
  return ExitCode::Done;
}

}  // namespace skald::api
