#include "eventstore/pg/holdings.hpp"

#include <algorithm>
#include <utility>

namespace skald::store {

bool Holdings::may_append(Partition partition) const {
  const auto at = held_.find(partition);
  return at != held_.end() && at->second.told;
}

std::int64_t Holdings::highest_position() const {
  std::int64_t highest = 0;
  for (const auto& [partition, holding] : held_) highest = std::max(highest, holding.tail.position);
  return highest;
}

std::vector<Partition> Holdings::partitions() const {
  std::vector<Partition> all;
  for (const auto& [partition, holding] : held_) all.push_back(partition);
  return all;
}

void Holdings::gain(const std::map<Partition, Tail>& gained) {
  for (const auto& [partition, tail] : gained) held_.try_emplace(partition, Holding{tail, false});
}

std::vector<Partition> Holdings::renew(const std::map<Partition, Tail>& now_held,
                                       const std::set<Partition>& kept) {
  std::vector<Partition> fell_behind;
  const auto before = std::exchange(held_, {});
  for (const auto& [partition, tail] : now_held) held_[partition] = {tail, false};
  for (const auto& [partition, was] : before) {
    if (!was.told) continue;
    const auto now = held_.find(partition);
    if (now != held_.end() && kept.contains(partition)) {
      now->second.told = now->second.tail == was.tail;
      if (now->second.tail.position < was.tail.position) fell_behind.push_back(partition);
      if (now->second.told) continue;
    }
    lost_.insert(partition);
  }
  return fell_behind;
}

void Holdings::lose_all() {
  for (const auto& [partition, holding] : held_) {
    if (holding.told) lost_.insert(partition);
  }
  held_.clear();
}

Ownership Holdings::tell() {
  Ownership change;
  change.lost.assign(lost_.begin(), lost_.end());
  lost_.clear();
  for (auto& [partition, holding] : held_) {
    if (!holding.told) change.gained.push_back(partition);
    holding.told = true;
  }
  return change;
}

}  // namespace skald::store
