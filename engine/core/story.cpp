#include "engine/core/story.hpp"

#include "engine/core/evolve.hpp"

namespace skald::core {

Story::Story(const Definition& definition, State state, Context context)
    : definition_(definition), context_(std::move(context)), state_(std::move(state)) {}
Story::~Story() = default;

void Story::add(Fact fact) {
  take_note_of_end(fact);
  decision_.events.push_back({context_.now, std::move(fact)});
  state_ = evolve(std::move(state_), decision_.events.back());
}

void Story::note_progress(Progress progress) {
  state_ = note(std::move(state_), progress);
  decision_.progress = std::move(progress);
}

Decision Story::told() && {
  decision_.after = std::move(state_);
  return std::move(decision_);
}

void Story::take_note_of_end(const Fact& fact) {
  if (const auto* succeeded = std::get_if<StepSucceeded>(&fact)) through_.push_back(succeeded->step);
  // A case that is not taken has no sequence that could go on.
  if (const auto* skipped = std::get_if<StepSkipped>(&fact); skipped && skipped->reason != "switch")
    through_.push_back(skipped->step);
  if (const auto* failed = std::get_if<StepFailed>(&fact); failed && failed->optional)
    through_.push_back(failed->step);
}

}  // namespace skald::core
