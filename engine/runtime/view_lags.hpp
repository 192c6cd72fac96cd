// ViewLags: how far the views of this node are behind: of each the age of the oldest event that one of its
// threads has not taken in. Counted when somebody asks, so a view that hangs is seen to.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/time.hpp"

namespace skald::runtime {

// By view: the time of the oldest event that it misses; none: it has them all.
using OldestMissing = std::map<std::string, std::optional<Timestamp>>;

class ViewLags {
 public:
  // What the views of one thread miss now. From any thread.
  void say(const void* thread, OldestMissing missing);
  // In seconds, by view: the greatest age of all threads.
  std::map<std::string, double> at(Timestamp now) const;

 private:
  mutable std::mutex mutex_;
  std::map<const void*, OldestMissing> missing_;
};

}  // namespace skald::runtime
