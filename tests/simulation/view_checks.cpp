#include "tests/simulation/view_checks.hpp"

#include <algorithm>

#include "engine/base/sha256.hpp"
#include "engine/core/event_codec.hpp"
#include "projections/builtin.hpp"
#include "projections/fold.hpp"
#include "tests/simulation/steps_view.hpp"

namespace skald::simulation {
namespace {

constexpr std::size_t kAllEvents = 1'000'000;
constexpr std::size_t kLengthOfDay = 10;  // 2025-11-21

// Some columns of a row, as one line.
using Lines = std::vector<std::string>;
std::string line_of(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) line += (line.empty() ? "" : " | ") + cell;
  return line;
}

std::string first_difference(Lines told, Lines true_ones) {
  std::sort(told.begin(), told.end());
  std::sort(true_ones.begin(), true_ones.end());
  for (std::size_t i = 0; i < std::max(told.size(), true_ones.size()); ++i) {
    const std::string has = i < told.size() ? told[i] : "no more rows";
    const std::string should = i < true_ones.size() ? true_ones[i] : "no more rows";
    if (has != should) return "has (" + has + "), not (" + should + ")";
  }
  return "";
}

// One that nobody knows is told by others.
std::string name_of(const SeenSaga& saga) {
  return saga.definition ? saga.definition->name : "";
}

// One row after the other as the log says it: no batches, no windows, no checkpoints.
class PlainFold {
 public:
  PlainFold(const store::MemoryStore& log, const sagas::Catalog& catalog) : catalog_(catalog) {
    for (const auto& view : views::builtin_views()) tables_.push_back({&view, store::ViewRows(view.table)});
    tables_.push_back({&steps_view(), store::ViewRows(steps_view().table)});
    for (std::uint16_t number = 0; number < log.partition_count(); ++number)
      for (const auto& event : log.read_partition({number}, 0, kAllEvents)) take(event);
  }
  struct Table {
    const views::View* view;
    store::ViewRows rows;
  };
  const std::vector<Table>& tables() const { return tables_; }
  const std::string& fault() const { return fault_; }

 private:
  void take(const store::StoredEvent& stored) {
    const Json payload = parse_json(stored.payload).value();
    core::State& state = states_[stored.saga];
    state.id = stored.saga;
    state = core::evolve(std::move(state), {stored.time, core::fact_from(stored.type, payload).value()});
    const auto entry = catalog_.by_hash(state.definition);
    const views::Occurrence occurrence{stored.saga, stored.type,
                                       payload,     {stored.time, stored.position},
                                       &state,      entry ? entry->definition.get() : nullptr};
    for (Table& table : tables_) {
      const auto changes = views::fold(*table.view, occurrence);
      if (!changes) fault_ = table.view->name() + ": " + changes.error().message;
      for (const auto& change : changes ? *changes : std::vector<store::RowChange>())
        table.rows.merge(change);
    }
  }

  const sagas::Catalog& catalog_;
  std::map<SagaId, core::State> states_;
  std::vector<Table> tables_;
  std::string fault_;
};

// A view that is read, and its rows.
struct Found {
  const views::View* view = nullptr;
  std::vector<store::ViewRows::Row> rows;
};

class ViewChecks {
 public:
  ViewChecks(const SharedViews& shared, const Evidence& evidence, const sagas::Catalog& catalog)
      : shared_(shared), evidence_(evidence), fold_(evidence.store, catalog) {}

  std::size_t all() {
    if (!fold_.fault().empty()) violated(fold_.fault());
    std::size_t rows = 0;
    for (const auto& [view, expected] : fold_.tables()) rows += check_view(*view, expected.rows());
    check_fates();
    check_days();
    check_steps();
    return rows;
  }

 private:
  std::size_t check_view(const views::View& view, const std::vector<store::ViewRows::Row>& expected) {
    const auto generation = the_one_of(view);
    if (!generation) return 0;
    for (const auto& checkpoint : shared_.kept.checkpoints(all_partitions()))
      if (checkpoint.generation == *generation)
        check_checkpoint(view, checkpoint, shared_.kept.head(checkpoint.partition));
    Found& found = found_[view.name()] = {&view, shared_.kept.rows(*generation)};
    if (found.rows != expected)
      violated(view.name() + " " + first_difference(lines_of(found), lines_of({&view, expected})));
    return found.rows.size();
  }

  // Nothing is being built any more, and nothing stands still.
  std::optional<store::Generation> the_one_of(const views::View& view) {
    std::optional<store::Generation> active;
    const auto registry = shared_.kept.list(0).value();
    for (const auto& one : registry.generations) {
      if (one.view != view.name()) continue;
      if (one.stop) violated(view.name() + " stands stopped: " + one.stop->reason);
      if (one.rows_different.value_or(0) > 0)
        violated(view.name() + " had other rows when it was built anew");
      if (!one.active) violated(view.name() + " is still being built");
      if (one.active) active = one.number;
    }
    if (!active) violated(view.name() + " was never filled");
    return active;
  }

  void check_checkpoint(const views::View& view, const store::Checkpoint& checkpoint, std::int64_t head) {
    if (checkpoint.position == head) return;
    evidence_.surroundings.violated(
        "I12", view.name() + " stands at " + std::to_string(checkpoint.position) + " of partition " +
                   std::to_string(checkpoint.partition.number) + ", which ends at " + std::to_string(head));
  }

  // skald-sagas says of each saga how it ended; skald-in-flight has those that have not.
  void check_fates() {
    Lines sagas, in_flight;
    for (const auto& [id, saga] : evidence_.witness.sagas()) {
      const std::string status = status_of(saga.events), name = name_of(saga);
      const bool ended = std::holds_alternative<core::SagaEnded>(saga.events.back().fact);
      sagas.push_back(
          line_of({to_text(id), name, status, ended ? to_rfc3339(saga.events.back().time) : "-"}));
      if (!ended) in_flight.push_back(line_of({to_text(id), name, status}));
    }
    check_lines("skald-sagas", {"sagaId", "name", "status", "endedAt"}, sagas);
    check_lines("skald-in-flight", {"sagaId", "name", "status"}, in_flight);
  }

  void check_days() {
    const std::vector<std::string> counted = {"started",   "completed", "compensated",
                                              "cancelled", "failed",    "stuck"};
    std::map<std::pair<std::string, std::string>, std::map<std::string, int>> days;
    for (const auto& [id, saga] : evidence_.witness.sagas()) {
      for (const core::Event& event : saga.events) {
        auto& day = days[{name_of(saga), to_rfc3339(event.time).substr(0, kLengthOfDay)}];
        if (std::holds_alternative<core::SagaStarted>(event.fact)) ++day["started"];
        if (std::holds_alternative<core::SagaStuck>(event.fact)) ++day["stuck"];
        if (std::holds_alternative<core::AttemptFailed>(event.fact)) ++day["failedAttempts"];
        if (const auto* end = std::get_if<core::SagaEnded>(&event.fact)) ++day[end->status];
      }
    }
    Lines lines;
    for (auto& [key, counts] : days) {
      if (counts.empty()) continue;
      std::vector<std::string> cells = {key.first, key.second};
      for (const auto& column : counted) cells.push_back(std::to_string(counts[column]));
      lines.push_back(line_of(cells));
    }
    std::vector<std::string> columns = {"name", "day"};
    columns.insert(columns.end(), counted.begin(), counted.end());
    check_lines("skald-days", columns, lines);
  }

  void check_steps() {
    struct Counts {
      int requested = 0, done = 0, failed = 0, undone = 0;
    };
    std::map<std::pair<std::string, std::string>, Counts> steps;
    for (const auto& [id, saga] : evidence_.witness.sagas()) {
      const std::string& name = name_of(saga);
      for (const core::Event& event : saga.events) {
        if (const auto* e = std::get_if<core::StepRequested>(&event.fact)) ++steps[{name, e->step}].requested;
        if (const auto* e = std::get_if<core::StepSucceeded>(&event.fact)) ++steps[{name, e->step}].done;
        if (const auto* e = std::get_if<core::StepFailed>(&event.fact)) ++steps[{name, e->step}].failed;
        const auto* undone = std::get_if<core::StepCompensated>(&event.fact);
        if (undone && undone->succeeded) ++steps[{name, undone->step}].undone;
      }
    }
    Lines lines;
    for (const auto& [key, counts] : steps)
      lines.push_back(
          line_of({key.first, key.second, std::to_string(counts.requested), std::to_string(counts.done),
                   std::to_string(counts.failed), std::to_string(counts.undone)}));
    check_lines("steps", {"definition", "step", "requested", "done", "failed", "undone"}, lines);
  }

  void check_lines(const std::string& name, const std::vector<std::string>& columns, const Lines& expected) {
    const auto found = found_.find(name);
    if (found == found_.end()) return;
    const auto difference = first_difference(lines_of(found->second, columns), expected);
    if (!difference.empty()) violated(name + " " + difference + ", by the events of the sagas");
  }

  // Of these columns, or of all.
  static Lines lines_of(const Found& found, const std::vector<std::string>& names = {}) {
    Lines lines;
    for (const auto& row : found.rows) {
      std::vector<std::string> cells;
      for (std::size_t i = 0; i < row.size(); ++i)
        if (names.empty()) cells.push_back(row[i].value_or("-"));
      for (const auto& name : names)
        for (std::size_t i = 0; i < row.size(); ++i)
          if (found.view->table.columns[i].name == name) cells.push_back(row[i].value_or("-"));
      lines.push_back(line_of(cells));
    }
    return lines;
  }

  std::vector<Partition> all_partitions() const {
    std::vector<Partition> all;
    for (std::uint16_t number = 0; number < evidence_.store.partition_count(); ++number)
      all.push_back({number});
    return all;
  }
  void violated(const std::string& how) { evidence_.surroundings.violated("I11", how); }

  const SharedViews& shared_;
  const Evidence& evidence_;
  PlainFold fold_;
  std::map<std::string, Found> found_;  // of the views that are read, by name
};

}  // namespace

std::size_t check_views(const SharedViews& shared, const Evidence& evidence, const sagas::Catalog& catalog) {
  return ViewChecks(shared, evidence, catalog).all();
}

std::string hash_of(const store::MemoryViews& views) {
  std::string text;
  const auto registry = views.list(0).value();
  for (const auto& generation : registry.generations) {
    text += generation.view + "\n";
    for (const auto& row : views.rows(generation.number)) {
      for (const auto& cell : row) text += cell.value_or("null") + " | ";
      text += "\n";
    }
  }
  return sha256_hex(text);
}

}  // namespace skald::simulation
