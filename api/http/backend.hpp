// What the routes of one lane's server stand on. Every function of a route runs on that lane's thread.
#pragma once

#include <cstddef>

#include "api/http/router.hpp"
#include "engine/runtime/engine.hpp"

namespace skald::api {

struct Backend {
  runtime::Engine& engine;
  std::size_t lane = 0;
};

// Who asked, as the events name it. There are no accounts yet: whoever reaches the port may do everything.
inline constexpr const char* kAnonymous = "anonymous";

void add_start(Router& router, Backend backend);        // POST /v1/sagas/{name}
void add_saga_reads(Router& router, Backend backend);   // GET one saga, its events
void add_saga_list(Router& router, Backend backend);    // GET /v1/sagas
void add_verbs(Router& router, Backend backend);        // POST /v1/sagas/{id}/cancel, retry, skip …
void add_signal(Router& router, Backend backend);       // POST /v1/sagas/{id}/signals/{event}
void add_events(Router& router, Backend backend);       // POST /v1/events
void add_tasks(Router& router, Backend backend);        // POST /v1/tasks/…
void add_definitions(Router& router, Backend backend);  // PUT, GET, validate
void add_views(Router& router, Backend backend);        // read models: put, rebuild, rows
void add_health(Router& router, Backend backend);       // livez, readyz, metrics
void add_root(Router& router);                          // /, /openapi.json

// All of them.
Router make_router(Backend backend);

}  // namespace skald::api
