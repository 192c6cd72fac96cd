// Log: one lane's handle to the partitioned, fenced event log. What a lane appends, reads, owns and looks up
// goes through here; pg/ implements it on PostgreSQL, memory.hpp in memory, and one contract suite holds
// both.
//
// Guarantees: positions of a partition are 1, 2, 3 … in commit order, without holes. An append is all or
// nothing per saga. A result is given only when it is definite: after a lost connection the log finds out
// what happened before it answers. A revoked writer never appends again.
//
// All calls and all callbacks happen on the lane's thread; a callback is never called inside the call itself.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace skald::store {

struct NewEvent {
  std::string type;     // "StepSucceeded"
  std::string payload;  // a JSON object as text; valid UTF-8, no \u0000
  Timestamp time;       // never falls along the positions of a partition: the log raises it where it must
};

struct StoredEvent {
  SagaId saga;
  std::int32_t version = 0;  // 1, 2, 3 … within its saga
  Position position;
  std::string type;
  std::string payload;
  Timestamp time;
  std::int32_t writer = 0;
};

using RequestHash = std::array<std::uint8_t, 32>;

// Written once, with the first event of a saga.
struct SagaStart {
  std::string definition;  // name
  std::int32_t definition_version = 0;
  std::string definition_hash;  // hex
  std::string business_key;
  std::optional<std::string> start_key;  // unique per definition, for ever
  RequestHash request_hash{};            // looked at only where there is a start key
};

// The changeable part of a saga's row. Everything in it can be rebuilt from the events.
struct SagaStatus {
  std::string status;               // "running", "completed", …
  std::optional<Timestamp> due_at;  // parked until then; far future = until something reaches it
  std::optional<Timestamp> ended_at;
};

// What one decision about one saga writes.
struct Append {
  SagaId saga;
  std::int32_t first_version = 0;    // version of events[0]; the rest follow
  std::vector<NewEvent> events;      // at least one
  std::optional<SagaStart> start;    // with version 1, and only then
  std::optional<SagaStatus> status;  // where it changes; always with a start
};

struct Committed {
  Position last;        // of the last event; the others lie directly before it
  Timestamp last_time;  // as written
};
// The start key is taken: nothing was written. `saga` has it, with the hash of its request.
struct StartKeyTaken {
  SagaId saga;
  RequestHash request_hash{};
};
// The database refuses these bytes for good (SQLSTATE class 22, 23 or 54), and only these.
struct Unstorable {
  std::string why;
};
// Nothing was written: the partition is not (or no longer) this lane's. The log alone knows what is true now.
struct NotOwner {};
// Nothing was written and the database is away; say so, and try again later.
struct LogUnavailable {
  std::string why;
};
using AppendResult = std::variant<Committed, StartKeyTaken, Unstorable, NotOwner, LogUnavailable>;

// One row of the table of sagas.
struct SagaRow {
  SagaId id;
  SagaStart start;
  SagaStatus status;
  Timestamp started_at;
  Timestamp updated_at;  // of the event that last changed this row, not of the last event
};

struct SagaFilter {
  std::optional<std::string> definition{};
  std::vector<std::string> statuses{};  // any of these; empty = all
  // Set it where the statuses imply it: the few that have not ended are found without a look at all the
  // others.
  std::optional<bool> ended{};
  std::optional<std::string> business_key{};
  std::optional<Timestamp> started_after{}, started_before{};  // exclusive
  std::optional<SagaId> before{};                              // cursor: only ids smaller than this (older)
  std::size_t limit = 50;
};

struct DefinitionRow {
  std::string name;
  std::int32_t version = 0;  // 1, 2, 3 … per name
  std::string hash;          // hex, of the canonical form
  std::string canonical;     // JSON text
  std::string source;        // as the user wrote it
  Timestamp created_at;
};

// What a beat found out. A partition in both was lost and came back: others may have appended meanwhile, so
// it is dropped first and then loaded afresh. Until this was told, appends to it are answered NotOwner.
struct Ownership {
  std::vector<Partition> gained, lost;  // since the last answer
};

template <class T>
using Done = std::function<void(Result<T>)>;

class Log {
 public:
  virtual ~Log() = default;

  // Number of partitions of this database, known after open.
  virtual std::uint16_t partition_count() const = 0;

  // Registers a writer, revokes earlier writers of the same node and lane name, claims what is free and reads
  // the tails. Ends with the partitions this lane owns now (maybe none: another node has them).
  virtual void open(Done<std::vector<Partition>> done) = 0;

  // Once a second: writes the heartbeat, learns whether the own writer still stands, takes over partitions of
  // writers that have been silent for three seconds or are revoked. Also how a lane comes back after the
  // database was away.
  virtual void beat(Done<Ownership> done) = 0;

  // Hands everything back: the writer is revoked, its partitions are free at once. Appends under way end
  // first; with the database away nothing is waited for, and an append in doubt stays without an answer.
  virtual void close(std::function<void()> done) = 0;

  // Joins the batch that gathers while a commit is in flight. Results come in order of the calls per saga;
  // when one fails, those of the same saga that were called before its result came fail with it.
  virtual void append(Append append, std::function<void(AppendResult)> done) = 0;

  // The events of one saga in order, those with version > after, at most limit. An unknown saga has none.
  virtual void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                         Done<std::vector<StoredEvent>> done) = 0;
  // The events of one partition in order, those with position > after.
  virtual void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                              Done<std::vector<StoredEvent>> done) = 0;

  virtual void find_saga(SagaId saga, Done<std::optional<SagaRow>> done) = 0;
  // Newest first.
  virtual void list_sagas(SagaFilter filter, Done<std::vector<SagaRow>> done) = 0;
  // The saga that has this start key, if any.
  virtual void find_start_key(std::string definition, std::string key,
                              Done<std::optional<StartKeyTaken>> done) = 0;

  // Sagas of these own partitions that are not ended and not parked (no due time): what recovery loads.
  // Ordered by id, ids > after.
  virtual void list_running(std::vector<Partition> partitions, std::optional<SagaId> after, std::size_t limit,
                            Done<std::vector<SagaId>> done) = 0;
  // Parked sagas of the own partitions whose due time is not after `now`: looked for every second.
  virtual void list_due(Timestamp now, std::size_t limit, Done<std::vector<SagaId>> done) = 0;

  // Adds a version unless the newest of that name has the same hash; either way ends with the newest.
  // `version` and `created_at` of the argument are ignored.
  virtual void put_definition(DefinitionRow definition, Done<DefinitionRow> done) = 0;
  // All versions of all names, oldest first. Nothing where there are just as many as the caller knows:
  // versions are only ever added, so asking again every second costs a count.
  virtual void list_definitions(std::size_t known, Done<std::vector<DefinitionRow>> done) = 0;

  // Database time: of the last answer from the database, plus monotonic time since.
  virtual Timestamp now() const = 0;

  // Whether the database answered within the last second or so; for readiness.
  virtual bool healthy() const = 0;
};

}  // namespace skald::store
