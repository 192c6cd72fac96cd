// SeenLog: events of a few sagas as a runner shows them to views, told by hand or by chance. Facts need not
// follow the rules of sagas: evolve is total, and so must views be.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "eventstore/view_rows.hpp"
#include "projections/fold.hpp"
#include "projections/view_loader.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::views::testing {

inline constexpr Timestamp kStart{1'763'708'400'000'000};  // 2025-11-21T07:00:00Z

struct SeenEvent {
  SagaId saga;
  std::string type;
  Json payload;
  store::EventPlace place;
  core::State state;
  const core::Definition* definition = nullptr;

  Occurrence shown() const { return {saga, type, payload, place, &state, definition}; }
};

class SeenLog {
 public:
  const core::Definition& define(std::string_view text) {
    auto loaded = sagas::load_definition(text, "saga", nullptr);
    for (const auto& fault : loaded.faults)
      if (!fault.warning) FAIL_CHECK(sagas::to_text(fault));
    REQUIRE(loaded.definition.has_value());
    loaded.definition->version = 1;
    return definitions_.emplace_back(std::move(*loaded.definition));
  }

  SagaId begin(const core::Definition& definition, std::uint16_t partition) {
    const SagaId id = new_saga_id(kStart, {partition}, random_);
    sagas_[id] = {&definition, {}};
    sagas_[id].state.id = id;
    return id;
  }

  void tell(const SagaId& saga, core::Fact fact, Duration later = std::chrono::seconds(1)) {
    now_ = now_ + later;
    Told& told = sagas_.at(saga);
    if (auto* start = std::get_if<core::SagaStarted>(&fact)) start->definition = told.definition->hash;
    SeenEvent event;
    event.saga = saga;
    event.type = type_name(fact);
    event.payload = payload_of(fact);
    event.place = {now_, {saga.partition(), ++last_[saga.partition()]}};
    told.state = evolve(told.state, {now_, std::move(fact)});
    event.state = told.state;
    event.definition = told.definition;
    events_.push_back(std::move(event));
  }

  const std::vector<SeenEvent>& events() const { return events_; }
  const std::deque<core::Definition>& definitions() const { return definitions_; }
  const core::State& state_of(const SagaId& saga) const { return sagas_.at(saga).state; }

 private:
  struct Told {
    const core::Definition* definition = nullptr;
    core::State state;
  };
  Random random_{1};
  Timestamp now_ = kStart;
  std::deque<core::Definition> definitions_;
  std::map<SagaId, Told> sagas_;
  std::map<Partition, std::int64_t> last_;
  std::vector<SeenEvent> events_;
};

inline core::SagaStarted started(Json input, const std::string& business_key = "ann") {
  core::SagaStarted event;
  event.input = std::move(input);
  event.business_key = business_key;
  return event;
}
inline core::SagaEnded ended(const std::string& status, const std::string& undo = "none") {
  core::SagaEnded event;
  event.status = status;
  event.undo = undo;
  return event;
}

inline View view_of(std::string_view text, ViewOrigin origin = ViewOrigin::User) {
  auto loaded = load_view(text, "view", nullptr, origin);
  for (const auto& fault : loaded.faults)
    if (!fault.warning) FAIL_CHECK(sagas::to_text(fault));
  REQUIRE(loaded.view.has_value());
  return std::move(*loaded.view);
}

inline std::vector<store::RowChange> folded(const View& view, const SeenEvent& event) {
  auto changes = fold(view, event.shown());
  if (!changes) FAIL(changes.error().message);
  return std::move(*changes);
}

// One row a line: "name=value name=value", nulls left out.
inline std::string table_text(const View& view, const store::ViewRows& rows) {
  std::string text;
  for (const auto& row : rows.rows()) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row[i]) line += (line.empty() ? "" : " ") + view.table.columns[i].name + '=' + *row[i];
    text += line + '\n';
  }
  return text;
}

inline std::string table_of(const View& view, const SeenLog& log) {
  store::ViewRows rows(view.table);
  for (const SeenEvent& event : log.events())
    for (const auto& change : folded(view, event)) rows.merge(change);
  return table_text(view, rows);
}

// What stops the view at the last event.
inline std::string poison(const View& view, const SeenLog& log) {
  const auto changes = fold(view, log.events().back().shown());
  return changes ? "" : changes.error().message;
}

}  // namespace skald::views::testing
