#include "api/replay/saga_check.hpp"

#include "api/replay/recorded.hpp"
#include "engine/base/hex.hpp"
#include "engine/core/retelling.hpp"
#include "engine/runtime/parking.hpp"

namespace skald::api {
namespace {

class SagaCheck {
 public:
  SagaCheck(const store::KeptSaga& saga, const Report& report) : saga_(saga), report_(report) {}

  void check(const sagas::Catalog& catalog) {
    if (saga_.events.empty()) return say("rows", "it has a row and no event");
    check_places();
    const auto events = events_of(saga_.events);
    if (!events) return say("I7", events.error().message);
    check_end(*events);
    const auto* started = std::get_if<core::SagaStarted>(&events->front().fact);
    if (!started) return say("I7", "its first event is no SagaStarted", 1);
    const auto entry = catalog.by_hash(started->definition);
    if (!entry) return say("I7", "its definition " + started->definition + " is not kept", 1);
    if (const auto difference = core::retell(*entry->definition, saga_.row.id, *events)) say(*difference);
    check_row(*started, *entry->definition, fold(saga_.row.id, *events), events->front().time);
  }

 private:
  void say(const std::string& invariant, std::string detail, std::size_t event = 0) const {
    report_(
        {invariant, to_text(saga_.row.id) + (event ? " " + std::to_string(event) : ""), std::move(detail)});
  }
  void say(const core::Difference& found) const {
    const bool undo = found.phase == core::Phase::Compensating ||
                      found.recorded.starts_with("Compensation") ||
                      found.expected.starts_with("Compensation");
    say(undo ? "I8" : "I7",
        "it has " + found.recorded + ", the rules say " + found.expected + ": " + found.why,
        static_cast<std::size_t>(found.event));
  }

  // I5: versions without a hole, positions that rise with them, all in the partition of its id.
  void check_places() const {
    std::int32_t version = 0;
    std::int64_t position = 0;
    for (const auto& event : saga_.events) {
      if (event.version != version + 1)
        say("I5",
            "event " + std::to_string(version + 1) + " is missing: " + std::to_string(event.version) +
                " comes instead",
            static_cast<std::size_t>(event.version));
      if (event.position.number <= position)
        say("I5", "its events are in another order than their positions",
            static_cast<std::size_t>(event.version));
      version = event.version;
      position = event.position.number;
    }
  }

  // I4, read from the events alone.
  void check_end(const std::vector<core::Event>& events) const {
    int ends = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto* ended = std::get_if<core::SagaEnded>(&events[i].fact);
      if (!ended) continue;
      ++ends;
      if (i + 1 == events.size()) continue;
      const auto* undo = std::get_if<core::CompensationStarted>(&events[i + 1].fact);
      if (ended->status != "completed" || !undo || !undo->after_completion || ends > 1)
        say("I4", "it goes on after its end: only a completed saga may, once, by being undone", i + 1);
    }
  }

  void check_row(const core::SagaStarted& started, const core::Definition& definition,
                 const core::State& state, Timestamp started_at) const {
    const store::SagaRow& row = saga_.row;
    expect("status", row.status.status, core::status_of(state));
    expect("definition", row.start.definition, definition.name);
    expect("definition_hash", row.start.definition_hash, started.definition);
    expect("business_key", row.start.business_key, started.business_key);
    expect("start_key", row.start.start_key.value_or("none"), started.start_key.value_or("none"));
    expect("started_at", to_rfc3339(row.started_at), to_rfc3339(started_at));
    expect("ended_at", text_of(row.status.ended_at),
           text_of(state.phase == core::Phase::Ended ? state.ended_at : std::nullopt));
    expect("first_position", std::to_string(saga_.first_position),
           std::to_string(saga_.events.front().position.number));
    check_due(definition, state);
    if (started.start_key) check_start_key(started);
  }

  // A saga that is parked wakes when its plan says; one that is not is loaded by its lane, which is always
  // right. How long an accepted work is left alone is not in the log.
  void check_due(const core::Definition& definition, const core::State& state) const {
    const auto due = saga_.row.status.due_at;
    if (!due) return;
    if (state.phase == core::Phase::Ended)
      return say("rows", "due_at: it has ended, and its row says when it is due");
    for (const auto& [path, nothing] : state.open)
      if (state.attempts_of(path).polling()) return;
    const auto next = runtime::next_due(definition, state);
    if (!next || *due > *next)
      say("rows", "due_at: " + to_rfc3339(*due) + ", its plan says " + (next ? to_rfc3339(*next) : "now"));
  }

  void check_start_key(const core::SagaStarted& started) const {
    if (!saga_.start_key) return say("rows", "start_key: its key " + *started.start_key + " is not kept");
    expect("start_key.saga_id", to_text(saga_.start_key->saga), to_text(saga_.row.id));
    expect("start_key.request_hash", to_hex(saga_.start_key->request_hash), started.request_hash);
  }

  void expect(const char* column, const std::string& found, const std::string& expected) const {
    if (found != expected) say("rows", std::string(column) + ": " + found + ", its events say " + expected);
  }
  static std::string text_of(const std::optional<Timestamp>& time) {
    return time ? to_rfc3339(*time) : "none";
  }

  const store::KeptSaga& saga_;
  const Report& report_;
};

}  // namespace

void check_saga(const store::KeptSaga& saga, const sagas::Catalog& catalog, const Report& report) {
  SagaCheck(saga, report).check(catalog);
}

}  // namespace skald::api
