// Scope: what a step sees of the others. Steps before it in its own sequence and in those around it are done
// when it runs, with all that they hold; what runs beside it, instead of it, or once per item, it cannot
// read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"

namespace skald::sagas {

enum class Sight {
  Earlier,  // done when the reader runs, or skipped
  Itself,
  Around,  // holds the reader, so it is done after it
  Inside,  // held by the reader
  Later,
  OtherBranch,  // of one parallel: runs at the same time
  OtherCase,    // of one switch: runs instead
  OfItems       // inside a forEach that the reader is not in: there is one for each item
};

// How `reader` sees `other`. Without a reader: how the end of the saga does.
Sight sight(const core::Definition& definition, std::optional<core::StepIndex> reader, core::StepIndex other);

enum class Doubt { None, Skipped, GivenUp, NoEvent };

// Why there may be no output of `other`, which the reader sees as Earlier or Itself.
Doubt doubt(const core::Definition& definition, core::StepIndex reader, core::StepIndex other);

// The containers around a step, the innermost first.
std::vector<core::StepIndex> containers_of(const core::Definition& definition, core::StepIndex step);

// The names of the items that a step sees, the innermost first.
std::vector<std::string> items_of(const core::Definition& definition, core::StepIndex step);

}  // namespace skald::sagas
