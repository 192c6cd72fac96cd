#include "sagas/explore/situation.hpp"

#include <algorithm>
#include <vector>

#include "engine/core/deadline.hpp"
#include "engine/core/path.hpp"
#include "engine/core/problem.hpp"
#include "sagas/explore/effects.hpp"
#include "sagas/explore/expressions.hpp"

namespace skald::sagas {
namespace {

using core::StepState;

template <class Enum>
char letter(Enum value) {
  return static_cast<char>('a' + static_cast<int>(value));
}

// Waits between attempts are a microsecond (abridged.hpp): a history has too few of them to reach half a
// millisecond.
std::string from_now(Timestamp at, Timestamp now) {
  return std::to_string(((at - now).count() + 500) / 1'000);
}

// What is under way in a step. Of attempts it matters whether there was one.
void add_open(std::string& key, const core::State& state, const core::StepPath& path, const StepState& step,
              Timestamp now) {
  const core::Attempts& attempts = state.attempts_of(path);
  key += attempts.failed == 0 ? '0' : '1';
  key += now < attempts.next_at ? 'w' : 'f';
  if (step.until) key += from_now(*step.until, now);
  // A child is undone as one, or by what its step declares instead.
  if (step.request.child) key += step.undo_request.child == step.request.child ? 'c' : 'd';
}

void add_step(std::string& key, const core::State& state, const core::StepPath& path, const StepState& step,
              const core::Step& declared, Timestamp now) {
  key += path + ':' + letter(step.forward) + letter(step.backward);
  const bool matters = step.forward != core::Forward::Succeeded &&
                       (declared.pivot || has_effect(declared) || declares_undo(declared));
  if (matters && step.possibly_done) key += 'p';
  if (state.open.contains(path)) add_open(key, state, path, step, now);
  if (step.backward == core::Backward::Failed && step.error) key += step.error->detail;
  if (!step.output.is_null()) step.output.dump_to(key);
  key += '\n';
}

struct Moment {
  std::int32_t version;
  bool closes;
  const core::StepPath* path;
};

// When the steps that may have to be undone were requested and closed.
std::vector<Moment> moments_of(const core::Definition& definition, const core::State& state) {
  std::vector<Moment> moments;
  for (const auto& [path, step] : state.steps) {
    const core::Step* declared = definition.find_step(core::id_of(path));
    const bool waits = declared && std::holds_alternative<core::WaitFor>(declared->kind);
    const bool open = step.forward == core::Forward::Open;
    const bool to_undo = declared && declares_undo(*declared) && (open || step.done_or_possibly_done()) &&
                         (step.backward == core::Backward::None || step.backward == core::Backward::Open);
    if (!to_undo && !(waits && open)) continue;
    moments.push_back({step.requested_version, false, &path});
    if (step.closed_version != 0) moments.push_back({step.closed_version, true, &path});
  }
  std::sort(moments.begin(), moments.end(),
            [](const Moment& a, const Moment& b) { return a.version < b.version; });
  return moments;
}

}  // namespace

Situations::Situations(const core::Definition& definition) : definition_(definition) {
  for (const Expression& expression : expressions_of(definition))
    for (const core::Reference& read : expression.reads)
      reads_error_ = reads_error_ || read.empty() || read.front() == "error";
}

std::string Situations::of(const core::State& state, Timestamp now) const {
  std::string key(1, letter(state.phase));
  if (state.ended) key += state.ended->status + state.ended->undo;
  if (state.stuck) key += state.stuck->step + letter(state.stuck->operation) + state.stuck->error.type;
  if (const auto deadline = core::deadline_of(definition_, state)) key += from_now(*deadline, now);
  add_cause(key, state);
  add_steps(key, state, now);
  if (state.phase != core::Phase::Ended || state.has_completed()) add_order(key, state);
  return key;
}

// Who caused an undo decides how it ends; more of it only where an expression reads `.error`.
void Situations::add_cause(std::string& key, const core::State& state) const {
  key += '|';
  if (!state.is_undoing() || !state.error) return;
  const core::Problem& error = *state.error;
  key += error.type == core::problem_type::kCancelled && error.step.empty() ? 'c' : 'f';
  if (reads_error_) key += core::to_json(error).dump();
}

void Situations::add_steps(std::string& key, const core::State& state, Timestamp now) const {
  key += '\n';
  for (const auto& [path, step] : state.steps)
    add_step(key, state, path, step, *definition_.find_step(core::id_of(path)), now);
}

// The order of undos asks only which requests came after which ends (semantics.md section 3). So the requests
// between two ends are told as a set, and so are the ends between two requests.
void Situations::add_order(std::string& key, const core::State& state) const {
  const auto moments = moments_of(definition_, state);
  std::vector<std::string> run;
  const auto flush = [&] {
    std::sort(run.begin(), run.end());
    for (const std::string& path : run) key += path + ' ';
    run.clear();
  };
  for (std::size_t i = 0; i < moments.size(); ++i) {
    if (i > 0 && moments[i].closes != moments[i - 1].closes) {
      flush();
      key += moments[i].closes ? '<' : '>';
    }
    run.push_back(*moments[i].path);
  }
  flush();
}

}  // namespace skald::sagas
