// operator: what a person may ask of a saga (semantics.md section 3). Each act is an event with who and why;
// a Conflict says why it cannot be.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

Result<void> retry(Story& story, const OperatorRetry& asked);
Result<void> skip(Story& story, const OperatorSkip& asked);
Result<void> undo(Story& story, const OperatorUndo& asked);
Result<void> pause(Story& story, const OperatorPause& asked);
Result<void> resume(Story& story, const OperatorResume& asked);
Result<void> terminate(Story& story, const OperatorTerminate& asked);

}  // namespace skald::core
