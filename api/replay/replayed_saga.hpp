// A saga told step by step from its events: after each one, how it stands and what is outstanding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/json.hpp"
#include "engine/core/command.hpp"
#include "engine/runtime/engine.hpp"
#include "eventstore/log.hpp"

namespace skald::api {

// After that event, or at that time; neither: after each event.
struct ReplayUntil {
  std::optional<std::int32_t> event;
  std::optional<Timestamp> time;
  bool is_one() const { return event || time; }
};

struct ReplayedStep {
  store::StoredEvent event;
  std::string status, undo;
  std::vector<core::Command> outstanding;
};

struct ReplayedSaga {
  std::vector<ReplayedStep> steps;
  runtime::Snapshot last;  // after the last of them
  bool one = false;        // only the last was asked for
};

// From the database. An Error (NotFound) also where the saga had not begun by then.
Result<ReplayedSaga> replay_saga(const std::string& conninfo, SagaId id, const ReplayUntil& until);

std::string replayed_table(const ReplayedSaga& saga);
// {id, name, version, items: [{event, status, undo, outstanding}]}, of one moment {saga, outstanding}.
Json replayed_json(const ReplayedSaga& saga);

}  // namespace skald::api
