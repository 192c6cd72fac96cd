// Holdings: the partitions of a lane's writer with their tails, and what the lane was told about them. Pure
// bookkeeping, no SQL; used by the appender, which gives out positions from here.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "eventstore/log.hpp"

namespace skald::store {

struct Tail {
  std::int64_t position = 0;  // of the last event; 0 = empty
  Timestamp time;
  bool operator==(const Tail&) const = default;
};

class Holdings {
 public:
  // Whether the lane may append there: the partition is held, and the lane was told so.
  bool may_append(Partition partition) const;
  const Tail& tail(Partition partition) const { return held_.at(partition).tail; }
  void advance(Partition partition, Tail tail) { held_.at(partition).tail = tail; }
  std::int64_t highest_position() const;
  bool empty() const { return held_.empty(); }
  std::vector<Partition> partitions() const;

  // After a take-over: these came in addition.
  void gain(const std::map<Partition, Tail>& gained);
  // After the writer was renewed: these are all there are now. A partition in `kept` went from the lane's
  // former writer straight to its new one; where its tail is not the expected one all the same, the log knows
  // better than the lane. Everything else that the lane was told it had is lost, even where it came back.
  // Returns the partitions in `kept` whose tail fell behind memory: a fail-over lost what was acknowledged.
  std::vector<Partition> renew(const std::map<Partition, Tail>& now_held, const std::set<Partition>& kept);
  // The writer ended and nothing came instead.
  void lose_all();

  // What changed since the last call, lost ones first in meaning; from now on the lane knows.
  Ownership tell();

 private:
  struct Holding {
    Tail tail;
    bool told = false;
  };
  std::map<Partition, Holding> held_;
  std::set<Partition> lost_;  // told as gained once, not told as lost yet
};

}  // namespace skald::store
