// Story: the decision being made. Each fact that a rule adds is folded in at once, so that the next rule sees
// it, and what is returned in the end is what was added. Only the rules behind decide() use it.
//
// A rule that reads the state while it adds facts copies what it reads: that costs nothing
// (persistent_map.hpp).
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/core/decide.hpp"

namespace skald::core {

class Story {
 public:
  Story(const Definition& definition, State state, Context context);
  ~Story();

  const Definition& definition() const { return definition_; }
  const State& state() const { return state_; }
  const Context& context() const { return context_; }
  Timestamp now() const { return context_.now; }

  void add(Fact fact);
  // Progress that need not be kept (retry.hpp).
  void note_progress(Progress progress);
  void remember(UndoProgress undo) { state_.memo.undo = std::move(undo); }
  void remember_items(const StepPath& for_each, Json items) {
    state_.memo.items.set(for_each, std::move(items));
  }

  // A step that this decision brought to its end, so that what comes after it may begin.
  std::optional<StepPath> next_through() {
    if (through_.empty()) return std::nullopt;
    StepPath path = std::move(through_.back());
    through_.pop_back();
    return path;
  }

  const std::vector<StepPath>& pending_through() const { return through_; }
  // Instead of what followed from this decision alone, everything is looked through for what can go on.
  void look_everywhere() { everywhere_ = true; }
  bool looks_everywhere() { return std::exchange(everywhere_, false); }
  void forget_through() { through_.clear(); }

  Decision told() &&;

 private:
  void take_note_of_end(const Fact& fact);

  const Definition& definition_;
  Context context_;
  State state_;
  std::vector<StepPath> through_;
  bool everywhere_ = false;
  Decision decision_;
};

}  // namespace skald::core
