// Archive: the whole log and the rows beside it, read outside of any lane; blocking, on a connection of its
// own. For `skald log` and `skald replay`.
//
// It never disturbs the engine: no statement locks anything or stays open long (a page each), and memory
// holds a page of sagas' rows and the events of one saga at most. What is read of a partition up to a head is
// consistent without one long snapshot, since events are only added behind the head.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/blocking.hpp"

namespace skald::store {

// An event without what happened: enough for what holds of the log as a whole.
struct EventPlaced {
  Position position;
  SagaId saga;
  std::int32_t version = 0;
  std::int32_t writer = 0;
  Timestamp time;
};

struct WriterRow {
  std::int32_t writer = 0;
  std::string node;
  std::int32_t lane = 0;
  std::string incarnation;  // uuid
  Timestamp registered_at;
  std::optional<Timestamp> revoked_at;
};

// A saga with all that the database keeps of it.
struct KeptSaga {
  SagaRow row;
  std::int64_t first_position = 0;
  std::optional<StartKeyTaken> start_key;  // who has the key of its start
  std::vector<StoredEvent> events;
};

// An event that a view leaves out, by somebody's decision.
struct ViewSkip {
  std::string view, hash;  // of its definition
  Position place;
  std::string by, reason;
  Timestamp at;
  bool operator==(const ViewSkip&) const = default;
};

// What stands beside the log without a saga there.
struct Stray {
  std::string what;  // a sentence
};

struct EventFilter {
  std::optional<SagaId> saga;
  std::optional<std::string> definition;  // name
  std::optional<std::string> type;
};

class Archive {
 public:
  // Refuses a database without the schema of this version.
  static Result<Archive> open(const std::string& conninfo);

  std::uint16_t partition_count() const { return static_cast<std::uint16_t>(partition_count_); }
  // Of each partition the position of its last event; 0: it has none.
  Result<std::vector<std::int64_t>> heads();
  // Only below this position events may be missing, of sagas that left (retention); 1: nothing ever left.
  Result<std::int64_t> kept_below();
  Result<std::vector<DefinitionRow>> definitions();
  // The views by name, each with the definition that was put last.
  struct KeptView {
    std::string name, source;
  };
  Result<std::vector<KeptView>> views();
  Result<std::vector<ViewSkip>> view_skips();
  Result<std::vector<WriterRow>> writers();  // by number
  // Who may append to it; none: nobody.
  Result<std::vector<std::optional<std::int32_t>>> owners();

  template <class T>
  using Take = std::function<Result<void>(T)>;

  // The events of a partition with after < position <= up_to, in order.
  Result<void> events(Partition partition, std::int64_t after, std::int64_t up_to, Take<StoredEvent> take);
  Result<void> places(Partition partition, std::int64_t after, std::int64_t up_to, Take<EventPlaced> take);
  // Every saga of a partition, by id, each as it stands at one moment.
  Result<void> sagas(Partition partition, Take<KeptSaga> take);
  // So many sagas of that definition, always the same ones, spread over all times; 0: all of them.
  Result<void> sample(const std::string& definition, std::size_t count, Take<KeptSaga> take);
  Result<std::optional<KeptSaga>> saga(SagaId id);

  // Events without a saga's row, of those after < position <= up_to; start keys without their saga.
  Result<void> strays(Partition partition, std::int64_t after, std::int64_t up_to, Take<Stray> take);
  Result<void> stray_start_keys(Take<Stray> take);

  // For following: the events behind these positions (by partition), at most `limit` of each partition, and
  // the last `limit` before the heads. By time.
  struct Named {
    StoredEvent event;
    std::string definition;
  };
  Result<std::vector<Named>> behind(const std::vector<std::int64_t>& positions, const EventFilter& filter,
                                    std::size_t limit);
  Result<std::vector<Named>> last(const std::vector<std::int64_t>& heads, const EventFilter& filter,
                                  std::size_t limit);

  // For figures that are no part of the log: one small answer.
  BlockingConnection& database() { return database_; }

 private:
  template <class T, class Read>
  Result<std::vector<T>> all(const Statement& statement, Read read);  // archive.cpp alone
  Archive(BlockingConnection database, std::int32_t partition_count)
      : database_(std::move(database)), partition_count_(partition_count) {}
  Result<std::optional<SagaId>> page_of_sagas(Partition partition, const std::optional<SagaId>& after,
                                              const Take<KeptSaga>& take);
  Result<void> kept(Partition partition, std::vector<KeptSaga>& sagas, const Take<KeptSaga>& take);
  Result<void> with_events(Partition partition, std::vector<KeptSaga>& sagas, const Take<KeptSaga>& take);
  Result<std::vector<Named>> named(const Statement& statement, const std::vector<std::int64_t>& positions,
                                   const EventFilter& filter, std::size_t limit);

  BlockingConnection database_;
  std::int32_t partition_count_;
};

}  // namespace skald::store
