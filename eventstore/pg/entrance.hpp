// Entrance: how a lane becomes a writer, on a fresh connection or on one it still has. One transaction
// revokes what it was before, registers it anew and gives it its partitions; a later statement reads their
// tails and, where an append's outcome is unknown, whether its batch is there (semantics.md section 6). Used
// by Appender.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "engine/base/error.hpp"
#include "eventstore/lane.hpp"
#include "eventstore/pg/batch.hpp"
#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/database_clock.hpp"
#include "eventstore/pg/holdings.hpp"

namespace skald::store {

struct Entered {
  std::uint16_t partition_count = 0;
  std::int64_t segment_positions = 0;
  std::int64_t covered = 0;  // first position no segment exists for
  std::int32_t writer = 0;
  std::map<Partition, Tail> held;
  std::set<Partition>
      kept;            // of those: straight from an earlier writer of this lane, nobody wrote in between
  bool found = false;  // the event that was probed for is in the log
};

class Entrance {
 public:
  // `incarnation` is this lane's for as long as it runs: by it a partition counts as kept.
  Entrance(LaneName name, SagaId incarnation, DatabaseClock& clock)
      : name_(std::move(name)), incarnation_(incarnation), clock_(clock) {}

  using Done = std::function<void(Result<Entered>)>;
  // One at a time. Conflict: the schema is missing or newer than this program. Unavailable: try again.
  void enter(std::shared_ptr<Connection> connection, std::optional<Batch::Probe> doubt, Done done);

 private:
  // Runs a statement, and then `next` with its rows; a failure ends the entering.
  void run(const Statement& statement, Parameters parameters, void (Entrance::*next)(const Rows&));
  void on_setting(const Rows& rows);
  void on_registered(const Rows& rows);
  void on_tails(const Rows& rows);
  void on_probe(const Rows& rows);
  void make_segments();
  void on_segments(const Rows& rows);

  LaneName name_;
  SagaId incarnation_;
  DatabaseClock& clock_;
  std::shared_ptr<Connection> connection_;
  std::optional<Batch::Probe> doubt_;
  Entered entered_;
  Done done_;
};

}  // namespace skald::store
