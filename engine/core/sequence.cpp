#include "engine/core/sequence.hpp"

#include <algorithm>
#include <set>

#include "engine/base/check.hpp"
#include "engine/core/begin.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"
#include "engine/core/scope.hpp"

namespace skald::core {
namespace {

void complete(Story& story) {
  Json output;
  if (const auto& declared = story.definition().output) {
    auto result = evaluate(*declared, story.definition(), story.state(), "");
    if (!result)
      return fail_saga(story, make_problem(problem_type::kExpression, "output: " + result.error().message));
    output = std::move(*result);
  }
  story.add(SagaEnded{"completed", "none", std::move(output), std::nullopt, ""});
}

// Whether the sequence goes on behind this step.
bool is_through(const Step& step, const StepState* state) {
  if (!state) return false;
  return state->forward == Forward::Succeeded || state->forward == Forward::Skipped ||
         (state->forward == Forward::Failed && step.optional);
}

// A block as it runs once: the saga's own, a case or branch beside its container, an item.
class Run {
 public:
  Run(Story& story, BlockIndex block, StepPath item)
      : story_(story), block_(story.definition().blocks[block]), item_(std::move(item)) {}

  void begin_first() const { begin(story_, path_of(0), step(0)); }
  bool has_begun() const { return story_.state().find_step(path_of(0)) != nullptr; }
  bool is_through() const {
    const std::size_t last = block_.steps.size() - 1;
    return skald::core::is_through(step(last), story_.state().find_step(path_of(last)));
  }
  // Goes on behind the last step that was reached. False: nothing is left to do in it.
  bool go_on() const;
  // The outputs of its steps, by their ids.
  Json outputs() const {
    Json::Object outputs;
    for (std::size_t i = 0; i < block_.steps.size(); ++i)
      if (const StepState* state = story_.state().find_step(path_of(i)))
        outputs.append(step(i).id, state->output);
    return outputs;
  }

 private:
  const Step& step(std::size_t position) const { return story_.definition().steps[block_.steps[position]]; }
  StepPath path_of(std::size_t position) const { return item_ + step(position).id; }

  Story& story_;
  const Block& block_;
  StepPath item_;  // "lines[3]."
};

Run run_beside(Story& story, const StepPath& container, BlockIndex block) {
  return {story, block, StepPath(item_of(container))};
}

Run run_of_item(Story& story, const StepPath& for_each, BlockIndex block, std::size_t index) {
  return {story, block, path_in(for_each, index, "")};
}

// The items of a forEach: how many there are, have begun, and are under way.
class Items {
 public:
  Items(Story& story, const StepPath& path, const ForEach& loop)
      : story_(story), path_(path), loop_(loop), count_(count()) {}

  void begin_more() {
    std::size_t begun = count_begun();
    for (std::size_t running = count_running(); running < loop_.max_concurrency && begun < count_;
         ++running) {
      if (story_.state().phase != Phase::Forward) return;
      item(begun++).begin_first();
      // One that was through at once makes room again, when the story comes to it.
    }
  }
  bool all_through() const { return count_begun() == count_ && count_running() == 0; }
  void go_on() {
    for (std::size_t i = 0, begun = count_begun(); i < begun; ++i) item(i).go_on();
    begin_more();
  }
  Json outputs() const {
    Json::Array outputs;
    for (std::size_t i = 0; i < count_; ++i) outputs.push_back(item(i).outputs());
    return outputs;
  }

 private:
  Run item(std::size_t index) const { return run_of_item(story_, path_, loop_.block, index); }
  std::size_t count() const {
    const StepState* state = story_.state().find_step(path_);
    return state && state->request.items ? *state->request.items : 0;
  }
  // They begin in their order.
  std::size_t count_begun() const {
    std::size_t low = 0, high = count_;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (item(middle).has_begun())
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }
  std::size_t count_running() const {
    std::set<std::size_t> running;
    const std::string prefix = path_ + '[';
    const auto note = [&](const StepPath& path) {
      if (!path.starts_with(prefix)) return false;
      running.insert(parse_item(std::string_view(path).substr(0, path.find('.', prefix.size()) + 1)).index);
      return true;
    };
    for (const auto* open : {&story_.state().open, &story_.state().open_containers})
      for (auto at = open->lower_bound(prefix); at != open->end() && note(at->first); ++at) {
      }
    for (const StepPath& path : story_.pending_through()) note(path);
    return running.size();
  }

  Story& story_;
  const StepPath& path_;
  const ForEach& loop_;
  std::size_t count_;
};

// The case that is taken; none: no one fits. An Error where a condition fails.
Result<std::optional<BlockIndex>> choose(Story& story, const StepPath& path, const Switch& choice) {
  for (const Switch::Case& candidate : choice.cases) {
    if (!candidate.when) return std::optional(candidate.block);
    const auto fits = evaluate(*candidate.when, story.definition(), story.state(), path);
    if (!fits) return invalid("when: " + fits.error().message);
    if (is_true(*fits)) return std::optional(candidate.block);
  }
  return std::optional<BlockIndex>();
}

// Goes on inside of an open container, whatever its kind.
struct Inside {
  Story& story;
  const StepPath& path;

  void operator()(const Switch& choice) const {
    const auto taken = choose(story, path, choice);
    if (!taken || !*taken) return enter(story, path, choice);
    if (!run_beside(story, path, **taken).go_on()) finish_step(story, path, Json());
  }
  void operator()(const Parallel& parallel) const {
    bool through = true;
    for (const Parallel::Branch& branch : parallel.branches)
      through = !run_beside(story, path, branch.block).go_on() && through;
    if (through && story.state().phase == Phase::Forward) finish_step(story, path, Json());
  }
  void operator()(const ForEach& loop) const {
    Items items(story, path, loop);
    items.go_on();
    if (story.state().phase == Phase::Forward && items.all_through())
      finish_step(story, path, items.outputs());
  }
  void operator()(const auto&) const {}
};

bool Run::go_on() const {
  for (std::size_t i = 0; i < block_.steps.size(); ++i) {
    const State& state = story_.state();
    if (state.phase != Phase::Forward) return true;
    const StepPath path = path_of(i);
    const StepState* known = state.find_step(path);
    if (skald::core::is_through(step(i), known)) continue;
    if (!known)
      begin(story_, path, step(i));
    else if (known->forward == Forward::Failed)
      follow_failure(story_, path);
    else
      std::visit(Inside{story_, path}, step(i).kind);
    return true;
  }
  return false;
}

// What the end of one of its blocks means for a container.
struct BlockEnded {
  Story& story;
  const StepPath& container;

  void operator()(const Switch&) const { finish_step(story, container, Json()); }
  void operator()(const Parallel& parallel) const {
    const bool all =
        std::all_of(parallel.branches.begin(), parallel.branches.end(), [&](const Parallel::Branch& branch) {
          return run_beside(story, container, branch.block).is_through();
        });
    if (all) finish_step(story, container, Json());
  }
  void operator()(const ForEach& loop) const {
    Items items(story, container, loop);
    items.begin_more();
    if (story.state().phase == Phase::Forward && items.all_through())
      finish_step(story, container, items.outputs());
  }
  void operator()(const auto&) const { CHECK_THAT(false, "only containers have blocks"); }
};

}  // namespace

void go_on_after(Story& story, const StepPath& path) {
  const Definition& definition = story.definition();
  const Step* step = definition.find_step(id_of(path));
  CHECK_THAT(step != nullptr, "a step that is closed is one of its definition");
  const Block& block = definition.blocks[step->block];
  if (step->position + 1 < block.steps.size()) {
    const Step& next = definition.steps[block.steps[step->position + 1]];
    return begin(story, path_beside(path, next.id), next);
  }
  const auto container = container_of(definition, *step, path);
  if (!container) return complete(story);
  // Several of its blocks may have ended in one decision: the first of them to come here ends it.
  if (story.state().find_step(*container)->forward != Forward::Open) return;
  std::visit(BlockEnded{story, *container}, definition.steps[*block.owner].kind);
}

void go_on_everywhere(Story& story) {
  if (!Run(story, 0, "").go_on()) complete(story);
}

void enter(Story& story, const StepPath& path, const Switch& choice) {
  const auto taken = choose(story, path, choice);
  if (!taken) return give_up_unasked(story, path, taken.error());
  for (const Switch::Case& other : choice.cases) {
    if (*taken && other.block == **taken) continue;
    for (const StepIndex index : story.definition().blocks[other.block].steps)
      story.add(StepSkipped{path_beside(path, story.definition().steps[index].id), "switch", Json(), ""});
  }
  if (*taken)
    run_beside(story, path, **taken).begin_first();
  else
    finish_step(story, path, Json());
}

void enter(Story& story, const StepPath& path, const Parallel& parallel) {
  for (const Parallel::Branch& branch : parallel.branches) {
    if (story.state().phase != Phase::Forward) return;
    run_beside(story, path, branch.block).begin_first();
  }
}

void enter(Story& story, const StepPath& path, const ForEach& loop) {
  Items items(story, path, loop);
  items.begin_more();
  if (story.state().find_step(path)->request.items == 0u) finish_step(story, path, Json(Json::Array{}));
}

}  // namespace skald::core
