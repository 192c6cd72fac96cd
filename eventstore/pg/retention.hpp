// Retention: ended sagas leave the log, all events of each at once, by an exchange of whole segments; no
// event is ever deleted (schema/0031 to 0035, README.md). Blocking, on a connection of its own, one
// transaction from the first look to the exchange: whatever ends it early leaves everything as it was.
//
// Nobody waits for it but for the exchange: from its lock to its commit nothing is read or appended, and
// while it waits for the lock, 100 ms at most, neither. It gives up then and tries again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/blocking.hpp"

namespace skald::store {

// Start keys are kept so long after the end (semantics.md section 5), so no saga may leave earlier.
inline constexpr Duration kShortestRetention = std::chrono::days(7);

struct Leaving {
  Timestamp ended_before;    // sagas that ended before this
  std::int64_t below = 0;    // and all of whose events are at positions below this; 0: there is no such place
  std::int64_t sagas = 0;    // may leave
  std::int64_t staying = 0;  // begin below that position too, and stay
  std::optional<std::string>
      obstacle;  // why none of them leaves; a clause: "the view page stands at 3-17, …"
};

struct Left {
  std::int32_t pass = 0;
  std::int64_t events = 0;       // that left
  std::int64_t kept_events = 0;  // that stay below that position
  double held_ms = 0;            // for so long the log was locked
};

class Retention {
 public:
  enum class Intent { Look, Act };
  // Which session it is, once there is one: for stop_session.
  using Begun = std::function<void(std::int32_t session)>;

  // Finds out which sagas may leave. To act, their rows are locked until the end: an ended saga whose undo is
  // asked for meanwhile is told to come again.
  static Result<Retention> begin(const std::string& conninfo, Duration age, Intent intent,
                                 const Begun& begun = {});
  Retention(Retention&&) = default;
  Retention& operator=(Retention&&) = default;
  ~Retention();  // what was not exchanged did not happen, and others may try at once

  const Leaving& leaving() const { return leaving_; }

  // Where the exported log of what leaves ends, of each partition.
  Result<std::vector<std::int64_t>> heads();
  // What leaves of a partition, in order of positions.
  Result<void> events(Partition partition, const std::function<Result<void>(StoredEvent)>& take);

  // What stays below `below` is copied, unseen by anybody. Refused (Conflict) where there is an obstacle.
  // `exported_to`: for people.
  Result<void> copy(const std::optional<std::string>& exported_to);
  // Then the exchange, with its commit. Conflict: it did not happen, since a view fell behind, or the lock
  // was not to be had; `again` is asked before each further try for that, waits as long as it likes, and says
  // whether to go on. Another Error: nobody knows whether it happened.
  Result<Left> exchange(const std::function<bool()>& again);

 private:
  explicit Retention(BlockingConnection database) : database_(std::move(database)) {}
  Result<void> find(Duration age, Intent intent);
  Result<bool> try_to_exchange();  // whether the lock was to be had

  BlockingConnection database_;
  Leaving leaving_;
  Left left_;
};

// Ends what the session is doing: it fails, and nothing leaves. From any thread. Nothing happens where it is
// between two statements.
void stop_session(const std::string& conninfo, std::int32_t session);

}  // namespace skald::store
