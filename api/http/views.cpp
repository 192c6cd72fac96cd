// /v1/views: the read models. Rows are found by the key or by columns that have an index; nothing else of SQL
// can be reached from outside.
#include <algorithm>
#include <array>

#include "api/http/backend.hpp"
#include "api/http/definition_json.hpp"
#include "api/http/members.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"
#include "api/http/view_json.hpp"
#include "api/http/yaml_body.hpp"

namespace skald::api {
namespace {

constexpr std::int64_t kRowsPerPage = 100, kMostRowsPerPage = 1'000;
// What a reader waits for the view to pass its position; a view mostly needs some milliseconds.
constexpr Duration kViewPatience = std::chrono::seconds(10);
// Parameters of the query that are no columns.
constexpr std::array<std::string_view, 3> kReserved{"limit", "cursor", "after"};

Response no_view(const Error& error) {
  return problem(404, "not-found", "No such view", error.message);
}

// What is wrong with a question is a 400 here, as a parameter of any other route.
Response read_problem(const Error& error) {
  switch (error.kind) {
    case ErrorKind::NotFound: return no_view(error);
    case ErrorKind::Invalid:
      return problem(400, "invalid-request", "The view cannot be asked this", error.message);
    case ErrorKind::Conflict: return problem(409, "view-stopped", "The view stands stopped", error.message);
    case ErrorKind::Unavailable:
      return busy_problem(503, "unavailable", "The view cannot answer this yet", error.message);
    case ErrorKind::NotAllowed:
    case ErrorKind::LimitReached:
    case ErrorKind::Unexpected: break;
  }
  return problem(error);
}

void add_position(Query& query, views::ViewQuery& wanted) {
  const auto text = query.text("after");
  if (!text) return;
  const auto position = parse_position(*text);
  if (position)
    wanted.after = *position;
  else
    query.refuse("after", position.error().message);
}

// Every other parameter is a column.
void add_columns(const Request& request, Query& query, views::ViewQuery& wanted) {
  for (const auto& [name, value] : request.query) {
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) continue;
    if (const auto text = query.text(name)) wanted.equal.emplace_back(name, *text);
  }
}

Response row_page(const views::FoundRows& found, std::size_t limit) {
  Json::Array items;
  for (const auto& row : found.rows) {
    if (items.size() == limit) break;
    items.push_back(view_row_json(found.view->table, row));
  }
  Json next;
  if (found.rows.size() > limit) next = view_cursor(found.view->table, found.rows[limit - 1]);
  return json_response(200, Json::object({{"items", Json(std::move(items))}, {"next", next}}));
}

void read_rows(Backend backend, Call call) {
  Query query(call.request);
  views::ViewQuery wanted;
  wanted.view = call.arguments[0];
  wanted.patience = kViewPatience;
  const auto limit =
      static_cast<std::size_t>(query.integer("limit", {1, kMostRowsPerPage}).value_or(kRowsPerPage));
  wanted.limit = limit + 1;  // one more than asked for tells whether there is another page
  add_position(query, wanted);
  if (const auto cursor = query.text("cursor")) {
    const auto behind = read_view_cursor(*cursor);
    if (behind)
      wanted.behind = *behind;
    else
      query.refuse("cursor", behind.error().message);
  }
  add_columns(call.request, query, wanted);
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  backend.engine.read_view(backend.lane, std::move(wanted),
                           [limit, respond = std::move(call.respond)](const Result<views::FoundRows>& found) {
                             respond(found ? row_page(*found, limit) : read_problem(found.error()));
                           });
}

void read_row(Backend backend, Call call) {
  Query query(call.request);
  views::ViewQuery wanted;
  wanted.view = call.arguments[0];
  wanted.patience = kViewPatience;
  wanted.key.assign(call.arguments.begin() + 1, call.arguments.end());
  wanted.limit = 1;
  add_position(query, wanted);
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  backend.engine.read_view(
      backend.lane, std::move(wanted),
      [name = call.arguments[0], respond = std::move(call.respond)](const Result<views::FoundRows>& found) {
        if (!found) return respond(read_problem(found.error()));
        if (found->rows.empty())
          return respond(
              problem(404, "not-found", "No such row", "the view " + name + " has no row with this key"));
        respond(json_response(200, view_row_json(found->view->table, found->rows[0])));
      });
}

void list_views(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  backend.engine.list_views(
      backend.lane, [respond = std::move(call.respond)](const Result<std::vector<runtime::ViewStatus>>& all) {
        if (!all) return respond(problem(all.error()));
        Json::Array items;
        for (const auto& view : *all) items.push_back(view_status_json(view));
        respond(json_response(200, Json::object({{"items", Json(std::move(items))}, {"next", {}}})));
      });
}

Response put_view_response(const Result<runtime::ViewPut>& put) {
  if (!put) return problem(put.error());
  if (!put->generation) return faulty_definition(put->faults);
  Response response = json_response(put->created ? 201 : 200,
                                    Json::object({{"name", put->name},
                                                  {"generation", *put->generation},
                                                  {"warnings", faults_json(put->faults, Gravity::Warning)}}));
  response.headers.emplace_back("Location", "/v1/views/" + put->name);
  return response;
}

void put_view(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  if (auto fault = not_yaml(call.request)) return call.respond(std::move(*fault));
  const std::string name = call.arguments[0];
  backend.engine.put_view(backend.lane, name, call.request.body, name + ".view.yaml",
                          [respond = std::move(call.respond)](const Result<runtime::ViewPut>& put) {
                            respond(put_view_response(put));
                          });
}

// As the rebuild stands, after it was asked for or looked at.
std::function<void(Result<runtime::ViewStatus>)> rebuild_answer(int status, Responder respond) {
  return [status, respond = std::move(respond)](const Result<runtime::ViewStatus>& view) {
    if (!view && view.error().kind == ErrorKind::NotFound) return respond(no_view(view.error()));
    if (!view) return respond(problem(view.error()));
    Response response = json_response(status, rebuild_json(*view));
    if (status == 202) response.headers.emplace_back("Location", "/v1/views/" + view->name + "/rebuild");
    respond(std::move(response));
  };
}

void rebuild_view(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  backend.engine.rebuild_view(backend.lane, call.arguments[0], rebuild_answer(202, std::move(call.respond)));
}

void read_rebuild(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  backend.engine.view_status(backend.lane, call.arguments[0], rebuild_answer(200, std::move(call.respond)));
}

void skip_event(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Members body(call.request);
  runtime::Engine::SkipEvent skip{call.arguments[0], {}, kAnonymous, ""};
  const auto position = parse_position(body.required_text("position"));
  skip.reason = body.required_text("reason");
  if (!position) body.refuse("position", position.error().message);
  if (auto fault = body.fault()) return call.respond(std::move(*fault));
  skip.position = *position;
  backend.engine.skip_view_event(
      backend.lane, std::move(skip),
      [respond = std::move(call.respond)](const Result<runtime::ViewStatus>& view) {
        if (view) return respond(json_response(202, view_status_json(*view)));
        if (view.error().kind == ErrorKind::Conflict)
          return respond(problem(409, "conflict", "There is nothing to skip", view.error().message));
        respond(view.error().kind == ErrorKind::NotFound ? no_view(view.error()) : problem(view.error()));
      });
}

}  // namespace

void add_views(Router& router, Backend backend) {
  const auto bound = [backend](void (*action)(Backend, Call)) {
    return [backend, action](Call call) { action(backend, std::move(call)); };
  };
  router.add("GET", "/v1/views", bound(list_views));
  router.add("GET", "/v1/views/{name}", bound(read_rows));
  router.add("PUT", "/v1/views/{name}", bound(put_view));
  // Before the key: a row whose key is "rebuild" is found by ?COLUMN=rebuild.
  router.add("GET", "/v1/views/{name}/rebuild", bound(read_rebuild));
  router.add("POST", "/v1/views/{name}/rebuild", bound(rebuild_view));
  router.add("POST", "/v1/views/{name}/skip", bound(skip_event));
  router.add("GET", "/v1/views/{name}/{key}", bound(read_row));
  router.add("GET", "/v1/views/{name}/{k1}/{k2}", bound(read_row));
}

}  // namespace skald::api
