// PartitionWalk: what must hold along the positions of one partition (invariants I5 and I6), event by event:
// no hole, time never falls, one writer after the other and none of them again. Its memory is the writers.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "api/replay/violation.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {

class PartitionWalk {
 public:
  // `kept_below`: positions before it may be missing, of sagas that have left (retention).
  PartitionWalk(Partition partition, std::int64_t kept_below, Report report)
      : partition_(partition), kept_below_(kept_below), report_(std::move(report)) {}

  void take(const store::EventPlaced& event);
  // Once the last one was taken. `head`: the position it must have; `writers`: all, read after the events.
  void end(std::int64_t head, const std::vector<store::WriterRow>& writers,
           std::optional<std::int32_t> owner);

 private:
  struct HandOver {
    std::int32_t from, to;
    Position at;  // the first event of the new one
    Timestamp last_of_former;
  };
  void report(const std::string& invariant, Position at, std::string detail) const {
    report_({invariant, to_text(at), std::move(detail)});
  }
  void change_writer(const store::EventPlaced& event);

  Partition partition_;
  std::int64_t kept_below_;
  std::int64_t expected_ = 1;
  Report report_;
  std::optional<store::EventPlaced> last_;
  std::map<std::int32_t, Position> former_;  // writers that another one followed, and where
  std::vector<HandOver> hand_overs_;
};

}  // namespace skald::api
