#include "engine/runtime/view_lags.hpp"

#include <algorithm>

namespace skald::runtime {

void ViewLags::say(const void* thread, OldestMissing missing) {
  const std::lock_guard lock(mutex_);
  missing_[thread] = std::move(missing);
}

std::map<std::string, double> ViewLags::at(Timestamp now) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, double> ages;
  for (const auto& [thread, views] : missing_)
    for (const auto& [view, oldest] : views) {
      const Duration age = oldest ? std::max(Duration{0}, now - *oldest) : Duration{0};
      double& greatest = ages[view];
      greatest = std::max(greatest, std::chrono::duration<double>(age).count());
    }
  return ages;
}

}  // namespace skald::runtime
