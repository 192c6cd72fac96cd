// Story: the decision being made. Each fact that a rule adds is folded in at once, so that the next rule sees
// it, and what is returned in the end is what was added. Only the rules behind decide() use it.
#pragma once

#include <utility>

#include "engine/core/decide.hpp"
#include "engine/core/evolve.hpp"

namespace skald::core {

class Story {
 public:
  Story(const Definition& definition, State state, Context context)
      : definition_(definition), context_(context), state_(std::move(state)) {}

  const Definition& definition() const { return definition_; }
  const State& state() const { return state_; }
  const Context& context() const { return context_; }
  Timestamp now() const { return context_.now; }

  void add(Fact fact) {
    decision_.events.push_back({context_.now, std::move(fact)});
    state_ = evolve(std::move(state_), decision_.events.back());
  }
  // Progress that need not be kept (retry.hpp).
  void note_progress(Progress progress) {
    state_ = note(std::move(state_), progress);
    decision_.progress = std::move(progress);
  }
  Decision told() && { return std::move(decision_); }

 private:
  const Definition& definition_;
  Context context_;
  State state_;
  Decision decision_;
};

}  // namespace skald::core
