// begin: a step begins. What has no effect outside is over at once; everything else is outstanding from here
// on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/core/story.hpp"

namespace skald::core {

// Its condition, its request, and whatever of it can happen at once.
void begin(Story& story, const StepPath& path, const Step& step);
// Once more, after an operator asked for it; RetryRequested is told already.
void begin_again(Story& story, const StepPath& path, const Step& step);

// How a step came to its end.
struct Ending {
  std::uint32_t attempts = 1;
  // What its `output` sees besides the scope: ".response" or ".event", made of the output that it replaces.
  std::string root{};
  std::function<Json(Json output)> root_value{};
  std::optional<std::int32_t> takes{};  // the number of the event that it took
};

// The step is done. Its output is what it declares, else `output`; an expression that fails makes the step
// one that is done and whose answer cannot be used.
void finish_step(Story& story, const StepPath& path, Json output, const Ending& ending = {});

}  // namespace skald::core
