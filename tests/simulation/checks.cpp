#include "tests/simulation/checks.hpp"

#include <algorithm>

#include "engine/base/sha256.hpp"
#include "engine/core/path.hpp"
#include "tests/core/legal_log.hpp"

namespace skald::simulation {
namespace {

constexpr std::size_t kAll = 1'000'000;

store::SagaFilter all_sagas() {
  store::SagaFilter filter;
  filter.limit = kAll;
  return filter;
}

template <class Fact>
const Fact* last_of(const std::vector<core::Event>& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (const auto* fact = std::get_if<Fact>(&event->fact)) return fact;
  return nullptr;
}

bool has_succeeded(const std::vector<core::Event>& events, const std::string& step) {
  return std::any_of(events.begin(), events.end(), [&](const core::Event& event) {
    const auto* succeeded = std::get_if<core::StepSucceeded>(&event.fact);
    return succeeded && succeeded->step == step;
  });
}

// The step that an event closes or tries again, which ends its being stuck.
std::string step_of(const core::Event& event) {
  if (const auto* e = std::get_if<core::RetryRequested>(&event.fact)) return e->step;
  if (const auto* e = std::get_if<core::StepSkipped>(&event.fact)) return e->step;
  if (const auto* e = std::get_if<core::StepSucceeded>(&event.fact)) return e->step;
  if (const auto* e = std::get_if<core::StepCompensated>(&event.fact)) return e->step;
  return "none";
}

// Whether the ledger knows what became of such a step.
bool is_done_elsewhere(const core::Step& step) {
  const auto* action = std::get_if<core::Action>(&step.kind);
  return action && (std::holds_alternative<core::HttpAction>(*action) ||
                    std::holds_alternative<core::TaskAction>(*action));
}

class Checks {
 public:
  explicit Checks(const Evidence& evidence) : evidence_(evidence) {}

  void all() {
    check_positions();
    for (const auto& [id, saga] : evidence_.witness.sagas()) check_saga(id, saga);
    check_rows();
    check_starts();
    check_cancels();
    check_ledger();
  }

 private:
  // I5, and that time never falls along the positions.
  void check_positions() {
    std::map<SagaId, std::int32_t> versions;
    for (std::uint16_t number = 0; number < evidence_.store.partition_count(); ++number) {
      std::int64_t position = 0;
      Timestamp time;
      for (const auto& event : evidence_.store.read_partition({number}, 0, kAll)) {
        if (event.position.number != ++position)
          violated("I5", "partition " + std::to_string(number) + " has a hole");
        if (event.version != ++versions[event.saga]) violated("I5", to_text(event.saga) + " has a hole");
        if (event.time < time) violated("I5", "time falls in partition " + std::to_string(number));
        time = event.time;
      }
    }
  }

  // I3, I4, I7, I8, and the timers of I14.
  void check_saga(SagaId id, const SeenSaga& saga) {
    if (!saga.definition) return violated("log", to_text(id) + " has a definition that nobody knows");
    const std::string fault = core::testing::fault_in(*saga.definition, saga.events);
    if (!fault.empty()) violated("I7/I8", to_text(id) + ": " + fault);
    const std::string status = status_of(saga.events);
    if (status == "running" || status == "compensating") violated("I3", to_text(id) + " is still " + status);
    const auto* stuck = last_of<core::SagaStuck>(saga.events);
    if (status == "stuck" && stuck->error.title.empty())
      violated("I3", to_text(id) + " is stuck without a reason");
    check_deadline(id, saga);
    check_children(id, saga, status);
    check_net_effect(id, saga, status);
  }

  void check_deadline(SagaId id, const SeenSaga& saga) {
    const Timestamp started = saga.events.front().time;
    for (const core::Event& event : saga.events) {
      const auto* undo = std::get_if<core::CompensationStarted>(&event.fact);
      // A child may have met its own; then the cause names the step.
      if (undo && undo->error.type == "deadline" && undo->error.step.empty() &&
          event.time < started + *saga.definition->timeout)
        violated("I14", to_text(id) + " met its deadline too early");
    }
  }

  // I9 and I10, from the log's side.
  void check_net_effect(SagaId id, const SeenSaga& saga, const std::string& status) {
    const bool undone = status == "compensated" || status == "cancelled";
    for (const auto& [path, nothing] : saga.folded.steps) {
      const core::Step& step = *saga.definition->find_step(core::id_of(path));
      if (!is_done_elsewhere(step) || evidence_.witness.is_decided_by_hand(id, path)) continue;
      const Work* work = evidence_.ledger.find({id, path});
      const bool stands = work && work->stands();
      const std::string who = to_text(id) + ":" + path;
      if (has_succeeded(saga.events, path) && (!work || work->effects == 0))
        violated("I9", who + " has succeeded and the service knows nothing of it");
      if (status == "completed" && has_succeeded(saga.events, path) && !stands)
        violated("I10", who + " has succeeded and has no effect");
      if (undone && step.undo && stands) violated("I10", who + " is still in effect after the undo");
      if (status == "completed" && work && work->undo_came)
        violated("I10", who + " was undone in a completed saga");
    }
  }

  // A child ends as its parent does: what it did is undone with the parent, and nobody runs on without one.
  void check_children(SagaId id, const SeenSaga& saga, const std::string& status) {
    for (const auto& [path, step] : saga.folded.steps) {
      const SeenSaga* child = step.request.child ? evidence_.witness.find(*step.request.child) : nullptr;
      const core::Step& declared = *saga.definition->find_step(core::id_of(path));
      const bool undone = status == "compensated" || status == "cancelled";
      if (!child || !undone || declared.keeps_effect || declared.undo ||
          evidence_.witness.is_decided_by_hand(id, path))
        continue;
      if (status_of(child->events) == "completed")
        violated("child", to_text(*step.request.child) + " is completed, and its parent " + to_text(id) +
                              " is " + status);
    }
  }

  // I10, from the ledger's side: whatever the services did, they did for a saga of the log.
  void check_ledger() {
    for (const auto& [key, work] : evidence_.ledger.all()) {
      const SeenSaga* saga = evidence_.witness.find(key.saga);
      const std::string who = to_text(key.saga) + ":" + key.step;
      if (!saga || !saga->definition || !saga->definition->find_step(core::id_of(key.step)))
        violated("I9", who + " is in no log");
      if (work.effects > 1 || work.undos > work.effects) violated("I10", who + " took effect twice");
    }
  }

  // What stands beside the log can be rebuilt from it.
  void check_rows() {
    const auto rows = evidence_.store.list_sagas(all_sagas());
    if (rows.size() != evidence_.witness.sagas().size())
      violated("I13", "sagas and their rows do not go together");
    for (const auto& row : rows) {
      const SeenSaga* saga = evidence_.witness.find(row.id);
      if (!saga) continue;
      const bool ended = std::holds_alternative<core::SagaEnded>(saga->events.back().fact);
      if (row.status.status != status_of(saga->events) || row.status.ended_at.has_value() != ended)
        violated("I13", "the row of " + to_text(row.id) + " says " + row.status.status + ", its events " +
                            status_of(saga->events));
    }
  }

  // I1 and I2. The same start key gives the same saga, and without one each start has its own.
  void check_starts() {
    std::map<std::pair<std::string, std::string>, SagaId> by_key;
    std::map<SagaId, std::string> keys;
    for (const auto& start : evidence_.clients.starts()) {
      if (!start->saga) continue;
      const SeenSaga* saga = evidence_.witness.find(*start->saga);
      if (!saga) {
        violated("I1", to_text(*start->saga) + " was acknowledged and is not in the log");
        continue;
      }
      const auto& started = std::get<core::SagaStarted>(saga->events.front().fact);
      if (started.input != start->input) violated("I1", to_text(*start->saga) + " has another input");
      if (started.start_key != start->key) violated("I2", to_text(*start->saga) + " has another key");
      if (start->key) {
        const auto first = by_key.emplace(std::pair{start->definition, *start->key}, *start->saga).first;
        if (first->second != *start->saga) violated("I2", "the key " + *start->key + " has two sagas");
      }
      const std::string name = start->key.value_or("none " + to_text(*start->saga));
      if (!start->key && keys.contains(*start->saga))
        violated("I2", to_text(*start->saga) + " was given to two starts");
      keys.emplace(*start->saga, name);
      if (start->answer && core::start_answer(*saga->definition, saga->folded) != start->answer)
        violated("I2", "the answer to the start of " + to_text(*start->saga) + " has changed");
    }
    check_keys_in_log();
  }

  void check_keys_in_log() {
    std::set<std::pair<std::string, std::string>> used;
    for (const auto& [id, saga] : evidence_.witness.sagas()) {
      const auto& started = std::get<core::SagaStarted>(saga.events.front().fact);
      if (started.start_key && !used.insert({started.definition, *started.start_key}).second)
        violated("I2", "the log has two sagas of the key " + *started.start_key);
    }
  }

  // Promise 5: an accepted cancel undoes, a refused one did not.
  void check_cancels() {
    for (const auto& cancel : evidence_.clients.cancels()) {
      const SeenSaga* saga = evidence_.witness.find(cancel->saga);
      const auto* undo = last_of<core::CompensationStarted>(saga->events);
      const bool cancelled = undo && undo->error.type == "cancelled";
      if (cancel->accepted && !cancelled)
        violated("cancel", to_text(cancel->saga) + " accepted a cancel and is not undone for it");
      if (cancel->accepted && status_of(saga->events) == "completed")
        violated("cancel", to_text(cancel->saga) + " completed all the same");
    }
  }

  void violated(const std::string& invariant, const std::string& how) {
    evidence_.surroundings.violated(invariant, how);
  }

  const Evidence& evidence_;
};

}  // namespace

std::string status_of(const std::vector<core::Event>& events) {
  if (const auto* ended = std::get_if<core::SagaEnded>(&events.back().fact)) return ended->status;
  std::set<std::string> freed;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (const auto* stuck = std::get_if<core::SagaStuck>(&event->fact); stuck && !freed.contains(stuck->step))
      return "stuck";
    if (std::holds_alternative<core::CompensationStarted>(event->fact)) return "compensating";
    freed.insert(step_of(*event));
  }
  return "running";
}

bool is_settled(const store::MemoryStore& store) {
  store::SagaFilter open = all_sagas();
  open.ended = false;
  const auto rows = store.list_sagas(open);
  return std::all_of(rows.begin(), rows.end(),
                     [](const store::SagaRow& row) { return row.status.status == "stuck"; });
}

void check_all(const Evidence& evidence) {
  Checks(evidence).all();
}

std::string hash_of(const store::MemoryStore& store) {
  std::string text;
  for (std::uint16_t number = 0; number < store.partition_count(); ++number) {
    for (const auto& event : store.read_partition({number}, 0, kAll)) {
      text += to_text(event.position) + " " + to_text(event.saga) + " " + std::to_string(event.version) +
              " " + std::to_string(event.time.microseconds) + " " + std::to_string(event.writer) + " " +
              event.type + " " + event.payload + "\n";
    }
  }
  return sha256_hex(text);
}

}  // namespace skald::simulation
