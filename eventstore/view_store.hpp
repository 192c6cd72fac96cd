// ViewStore: what views need of the database: the registry of views and their generations, a table for each
// generation, checkpoints, and the log to fold. pg/ implements it on PostgreSQL, memory_views.hpp in memory,
// and one contract suite holds both.
//
// Guarantees: a batch's rows and its checkpoints are written together or not at all, and only where the
// checkpoints are what the caller thinks and the log has the events that were folded. So every event counts
// once, whoever folds, however often it is tried. A reading is of one generation at one moment.
//
// All calls and all callbacks happen on the owner's thread; a callback is never called inside the call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "eventstore/log.hpp"
#include "eventstore/view_table.hpp"

namespace skald::store {

// A definition of a view, and the table it is folded into. Numbers are never used again.
using Generation = std::int64_t;

struct ViewStop {
  Position place;      // the event it could not take in
  std::string reason;  // a sentence
  bool operator==(const ViewStop&) const = default;
};

struct ViewGeneration {
  Generation number = 0;
  std::string view;
  std::string hash;     // of the definition: equal hashes fold the same rows
  std::string source;   // the definition as it was written
  bool active = false;  // it is the one that is read; otherwise it is being built
  bool indexed = false;
  std::optional<ViewStop> stop;
  std::vector<Position> skipped;  // events that are left out, by somebody's decision
  Timestamp made_at;
  // What the comparison with its predecessor found; different only where the definition was the same.
  std::optional<std::int64_t> rows_before, rows_after, rows_different;
};

// All generations that are not retired, oldest first.
struct ViewRegistry {
  std::int64_t revision = 0;
  std::vector<ViewGeneration> generations;
};

struct NewView {
  ViewTable table;  // its name is that of the view
  std::string hash, source;
  bool again = false;  // a rebuild: a new generation also where nothing has changed
  // Rows outlive their events: where sagas have left the log since it was built (retention), a new generation
  // is refused (Conflict).
  bool keeps_rows = true;
};

struct Checkpoint {
  Generation generation = 0;
  Partition partition;
  std::int64_t position = 0;  // of the last event that counts
  std::int64_t target = 0;    // the partition's end when the generation was made
};

// How far a generation has come, over all partitions.
struct ViewProgress {
  std::int64_t done = 0;                    // events that count
  std::int64_t target = 0;                  // of that many when it was made
  std::int64_t head = 0;                    // events there are now
  bool filled = false;                      // every partition has come as far as its target
  std::optional<Timestamp> oldest_missing;  // time of the oldest event that does not count yet
  Timestamp now;                            // of the database
};

// The events (from, to] of a partition; saga and time are those of the last one. It lies at `to`, unless
// sagas have left the log (retention): then at `last`, and where that is 0 there is none.
struct ViewAdvance {
  Partition partition;
  std::int64_t from = 0, to = 0;
  SagaId saga;
  Timestamp time;
  std::int64_t last = to;
};

struct ViewChanges {
  Generation generation = 0;
  std::shared_ptr<const ViewTable> table;  // shared with the definition, which outlives no batch
  std::vector<RowChange> rows;             // by key, one per key
};

// Every one of these generations makes every one of these advances.
struct ViewBatch {
  std::vector<ViewAdvance> advances;  // by partition
  std::vector<ViewChanges> views;     // by generation
};

struct ViewsApplied {};
// Nothing was written: a checkpoint, the log or a generation is not what the caller thinks. Read them anew.
struct ViewsElsewhere {};
// Nothing was written: some value is not one of its column (SQLSTATE class 22, 23 or 54), for good.
struct ViewDataRefused {
  std::string why;
};
// Nothing is known to be written; the next attempt finds out.
struct ViewsUnavailable {
  std::string why;
};
using ViewApplied = std::variant<ViewsApplied, ViewsElsewhere, ViewDataRefused, ViewsUnavailable>;

struct ViewRead {
  Generation generation = 0;  // that is thought to be active
  std::shared_ptr<const ViewTable> table;
  std::vector<std::pair<std::size_t, std::string>> equal;  // column and the text of its value
  std::vector<std::string> after;  // the key of the row before the first; empty: from the first
  std::size_t limit = 100;
  std::optional<Partition> passed;  // whose checkpoint is asked for too
};

struct ViewPage {
  std::optional<Generation> active;     // where it is not the one that was asked of, there are no rows
  std::int64_t position = 0;            // the checkpoint asked for
  std::vector<std::vector<Cell>> rows;  // a cell for each column, in the order of keys; times as RFC 3339
};

class ViewStore {
 public:
  virtual ~ViewStore() = default;

  // The number of partitions of the log.
  virtual void partition_count(Done<std::uint16_t> done) = 0;

  // The registry, or nothing where it is still at the revision the caller knows.
  virtual void list_views(std::int64_t known, Done<std::optional<ViewRegistry>> done) = 0;
  struct Put {
    Generation generation = 0;
    bool made = false;  // false: there was one of this hash already
  };
  // A new, empty generation with its table, unless the definition is the one that is active or being built.
  // One that is being built for another definition is retired.
  virtual void put_view(NewView view, Done<Put> done) = 0;
  virtual void stop_view(Generation generation, ViewStop stop, Done<bool> done) = 0;
  // Leaves out the event at which the generation stands stopped, and lets it go on. False: it does not.
  virtual void skip_event(Generation generation, Position place, std::string by, std::string reason,
                          Done<bool> done) = 0;

  // Makes the indexes of a filled generation. False: they are there, or somebody else is at it.
  virtual void make_indexes(Generation generation, ViewTable table, Done<bool> done) = 0;
  // Counts and, of the same definition, compares the rows of the active generation and this one. False: they
  // stand at different places.
  virtual void compare(Generation generation, ViewTable table, Done<bool> done) = 0;
  // Makes a generation the active one, if it is indexed and no partition of it is behind the active one's.
  virtual void switch_to(Generation generation, Done<bool> done) = 0;
  // Lets the SQL view of that name show the active generation, for people. False: it does.
  virtual void show(ViewTable table, Done<bool> done) = 0;
  // Drops the tables that were retired so long ago; gives how many.
  virtual void drop_retired(Duration ago, Done<std::int32_t> done) = 0;

  virtual void checkpoints(std::vector<Partition> partitions, Done<std::vector<Checkpoint>> done) = 0;
  virtual void progress(Generation generation, Done<ViewProgress> done) = 0;
  // The last position of each of these partitions, in their order.
  virtual void heads(std::vector<Partition> partitions, Done<std::vector<std::int64_t>> done) = 0;

  // Calls may overlap: each has a connection of its own then. Their rows come by generation and key, so that
  // those which meet in rows wait for each other in one order.
  virtual void apply(ViewBatch batch, std::function<void(ViewApplied)> done) = 0;

  virtual void read(ViewRead read, Done<ViewPage> done) = 0;

  // The log, as in log.hpp.
  virtual void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                              Done<std::vector<StoredEvent>> done) = 0;
  virtual void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                         Done<std::vector<StoredEvent>> done) = 0;
};

}  // namespace skald::store
