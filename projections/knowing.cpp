// What a runner has to know of the database: which views there are, how far each has come, where the log
// ends.
#include <algorithm>

#include "engine/base/log.hpp"
#include "projections/runner.hpp"

namespace skald::views {
namespace {

using namespace std::chrono_literals;

// What another node has put is known here within a second.
constexpr Duration kRegistryEvery = 900ms;
// Events that no lane of this node told of: those of a lost message, or of before.
constexpr Duration kHeadsEvery = 1s;
constexpr Duration kAskAgain = 500ms;
// Above it the windows are thrown away and the log is read: a view that cannot keep up must not fill the
// memory.
constexpr std::size_t kMostInMemory = 20'000;

}  // namespace

void Runner::after(Duration span, std::function<void()> act) {
  parts_.after(span, [alive = std::weak_ptr(alive_), act = std::move(act)] {
    if (!alive.expired()) act();
  });
}

std::vector<Partition> Runner::partitions() const {
  std::vector<Partition> all;
  for (const auto& [partition, tail] : tails_) all.push_back(partition);
  return all;
}

// From the beginning: checkpoints and ends of these partitions as the database has them.
void Runner::know(const std::vector<Partition>& partitions) {
  if (partitions.empty()) return;
  for (const Partition partition : partitions) {
    Tail& tail = tails_.at(partition);
    tail.known = false;
    tail.window.restart(0);
  }
  const auto again = [this, partitions](const Error& why) {
    log::debug("views: {}", why.message);
    after(kAskAgain, [this, partitions] {
      std::vector<Partition> still;
      for (const Partition partition : partitions)
        if (tails_.contains(partition)) still.push_back(partition);
      know(still);
    });
  };
  parts_.store.heads(partitions, [this, partitions, again](Result<std::vector<std::int64_t>> heads) {
    if (!heads) return again(heads.error());
    parts_.store.checkpoints(
        partitions, [this, partitions, heads = *heads, again](Result<std::vector<store::Checkpoint>> read) {
          if (!read) return again(read.error());
          for (std::size_t i = 0; i < partitions.size(); ++i) {
            const auto at = tails_.find(partitions[i]);
            if (at == tails_.end()) continue;
            Tail& tail = at->second;
            tail.known = true;
            if (tail.window.end() < heads[i]) tail.window.restart(heads[i]);
          }
          for (const store::Checkpoint& checkpoint : *read) {
            const auto at = tails_.find(checkpoint.partition);
            if (at != tails_.end() && !at->second.busy.contains(checkpoint.generation))
              at->second.at[checkpoint.generation] = checkpoint.position;
          }
          step();
        });
  });
}

// Of generations that are new.
void Runner::know_checkpoints() {
  bool missing = false;
  for (const auto& [partition, tail] : tails_)
    for (const auto& [generation, view] : generations_.all())
      missing = missing || (tail.known && !tail.at.contains(generation));
  if (!missing) return;
  parts_.store.checkpoints(partitions(), [this](Result<std::vector<store::Checkpoint>> read) {
    if (!read) return after(kAskAgain, [this] { know_checkpoints(); });
    for (const store::Checkpoint& checkpoint : *read)
      if (const auto at = tails_.find(checkpoint.partition); at != tails_.end())
        at->second.at.try_emplace(checkpoint.generation, checkpoint.position);
    step();
  });
}

void Runner::refresh(std::function<void()> done) {
  parts_.store.list_views(generations_.revision(), [this, done = std::move(done)](auto listed) {
    if (listed && *listed) {
      generations_.update(std::move(**listed));
      for (auto& [partition, tail] : tails_)
        std::erase_if(tail.at, [this](const auto& entry) { return !generations_.find(entry.first); });
      // What stands stopped needs no barrier; what goes on again has its event skipped.
      std::erase_if(poison_, [this](const auto& entry) {
        const FoldedView* folded = generations_.find(entry.first.first);
        return !folded || folded->row.stop || folded->skipped.contains(entry.second.place);
      });
      std::erase_if(limits_, [this](const auto& entry) { return !generations_.find(entry.first); });
      for (const auto& [generation, folded] : generations_.all())
        if (folded.row.active) parts_.stopped(folded.row.view, folded.row.stop.has_value());
      parts_.registry_changed();
      know_checkpoints();
      step();
    }
    done();
  });
}

void Runner::look_at_registry() {
  refresh([this] { after(kRegistryEvery, [this] { look_at_registry(); }); });
}

void Runner::look_at_heads() {
  const auto asked = partitions();
  const auto again = [this] { after(kHeadsEvery, [this] { look_at_heads(); }); };
  if (asked.empty() || generations_.all().empty()) return again();
  parts_.store.heads(asked, [this, asked, again](Result<std::vector<std::int64_t>> heads) {
    for (std::size_t i = 0; heads && i < asked.size(); ++i) {
      const auto at = tails_.find(asked[i]);
      if (at == tails_.end() || !at->second.known) continue;
      Tail& tail = at->second;
      // What was there a second ago and has not come by now comes no more.
      if (tail.head_seen > tail.window.end()) tail.window.restart((*heads)[i]);
      tail.head_seen = (*heads)[i];
    }
    step();
    again();
  });
}

// Of events that are not in memory the time is not known: they are as old as the oldest that was seen
// missing.
std::map<std::string, std::optional<Timestamp>> Runner::oldest_missing(Timestamp now) {
  std::map<std::string, std::optional<Timestamp>> of_views;
  for (const auto& [generation, folded] : generations_.all()) {
    if (!folded.row.active) continue;
    std::optional<Timestamp> oldest;
    bool all_known = true;
    for (const auto& [partition, tail] : tails_) {
      const auto at = tail.at.find(generation);
      if (!tail.known || at == tail.at.end() || at->second >= tail.window.end()) continue;
      const bool in_memory = tail.window.continues(at->second);
      all_known = all_known && in_memory;
      const Timestamp time = in_memory ? tail.window.at(at->second + 1)->place.time : now;
      oldest = std::min(oldest.value_or(time), time);
    }
    const auto before = missing_since_.find(generation);
    if (oldest && !all_known && before != missing_since_.end()) oldest = std::min(*oldest, before->second);
    if (oldest)
      missing_since_[generation] = *oldest;
    else
      missing_since_.erase(generation);
    of_views[folded.row.view] = oldest;
  }
  return of_views;
}

// Events that every view has which goes on from the window are not needed any more.
void Runner::trim(Tail& tail) {
  std::int64_t needed = tail.window.end();
  for (const auto& [generation, at] : tail.at) {
    const FoldedView* folded = generations_.find(generation);
    if (folded && is_live(*folded) && tail.window.continues(at)) needed = std::min(needed, at);
  }
  if (tail.joining) needed = std::min(needed, *tail.joining);
  tail.window.forget_until(needed);
}

void Runner::trim_all() {
  std::size_t held = 0;
  for (auto& [partition, tail] : tails_) {
    // Before its checkpoints are known nobody can say what is needed.
    if (tail.known) trim(tail);
    held += tail.window.size();
  }
  if (held <= kMostInMemory) return;
  for (auto& [partition, tail] : tails_) tail.window.forget_until(tail.window.end());
}

std::uint64_t Runner::when_passed(store::Generation generation, Position position,
                                  std::function<void()> call) {
  waiters_[++last_waiter_] = {generation, position, std::move(call)};
  const auto mine = last_waiter_;
  tell_waiters();
  if (!waiters_.contains(mine)) return 0;
  gather_no_more();
  return mine;
}

void Runner::tell_waiters() {
  std::vector<std::function<void()>> passed;
  std::erase_if(waiters_, [&](auto& entry) {
    const auto tail = tails_.find(entry.second.position.partition);
    if (tail == tails_.end()) return false;
    const auto at = tail->second.at.find(entry.second.generation);
    if (at == tail->second.at.end() || at->second < entry.second.position.number) return false;
    passed.push_back(std::move(entry.second.call));
    return true;
  });
  for (const auto& call : passed) call();
}

}  // namespace skald::views
