// How long a step can take at most, whatever fails: what a caller of a start may have to wait for.
#pragma once

#include <optional>

#include "sagas/draft.hpp"

namespace skald::sagas {

class ServiceRegistry;

struct DurationBound {
  Duration span{};  // what is known to end
  // Of the first step that can take without end, or for a time that the definition does not say.
  std::optional<core::StepIndex> endless;
};

// Up to a century: beyond it all is the same, and sums of longer spans would not fit a Duration.
DurationBound longest(const Draft& draft, core::StepIndex step, const ServiceRegistry* services);

}  // namespace skald::sagas
