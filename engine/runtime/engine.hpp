// Engine: the running whole. It owns the lanes (one thread each), the catalog of definitions and the registry
// of services, and gives every way in (HTTP, tests) one small set of requests.
//
// Every request is made on a lane's thread and answered on that thread, whichever lane the saga lives on. An
// answer that says something was accepted is given only after it is durable.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"
#include "engine/core/definition.hpp"
#include "engine/core/input.hpp"
#include "engine/core/start_answer.hpp"
#include "engine/core/state.hpp"
#include "engine/runtime/done.hpp"
#include "engine/runtime/metrics.hpp"
#include "engine/runtime/other_sagas.hpp"
#include "engine/runtime/task_board.hpp"
#include "eventstore/view_store.hpp"
#include "projections/reading.hpp"
#include "sagas/catalog.hpp"
#include "sagas/schema.hpp"
#include "sagas/services.hpp"

namespace skald::runtime {

struct EngineConfig {
  std::string database_url;    // libpq connection string or URL
  std::string node = "skald";  // a restarted node of the same name takes its partitions back at once
  unsigned lanes = 1;
  unsigned view_threads = 2;  // each folds its share of the partitions; a rebuild uses all of them
  std::size_t max_active_sagas = 100'000;  // per lane, in memory; above it starts are answered 503
  Duration start_patience = std::chrono::seconds(30);  // with answerAfter, where the client names none
  Duration drain = std::chrono::seconds(10);           // for calls in flight when the engine stops
  Json secrets;                                        // the value of .secrets: an object of texts
};

// A saga as it stands: always exact, either from its owner's memory or folded from its events.
struct Snapshot {
  std::shared_ptr<const core::Definition> definition;
  core::State state;
  Position position;  // of its last event
};

struct StartRequest {
  std::string definition;  // name
  Json input;
  std::optional<std::string> start_key;
  std::string by;
  std::optional<Duration> wait;  // the client's patience
};

struct Started {
  Snapshot saga;
  // Why the request is answered now: `answerAfter` was decided (or there is none and nobody waits), the saga
  // has ended, or, with neither, the patience has ended.
  std::optional<core::StartAnswer> answer;
  bool waited = false;    // the client named a patience
  bool replayed = false;  // the start key was known already
};
struct InputRefused {
  std::vector<sagas::SchemaFault> faults;  // pointers into the input
};
struct KeyReused {  // the same start key came with another input
  SagaId saga;
};
using StartOutcome = std::variant<Started, InputRefused, KeyReused>;

struct DefinitionPut {
  std::optional<sagas::CatalogEntry> entry;  // none: refused, and the faults say why
  bool created = false;                      // a new version; false: unchanged
  std::vector<sagas::Fault> faults;          // errors or warnings
};

struct ViewPut {
  std::string name;
  std::optional<store::Generation> generation;  // none: refused, and the faults say why
  bool created = false;                         // a new generation, which is built now; false: unchanged
  std::vector<sagas::Fault> faults;
};

// A generation of a view, and how far it has come.
struct GenerationStatus {
  store::ViewGeneration row;
  store::ViewProgress progress;
};
struct ViewStatus {
  std::string name;
  std::optional<GenerationStatus> active, building;
  std::shared_ptr<const views::View> view;  // of the active one, else of the other; null: not readable here
};

struct Readiness {
  bool ready = false;
  std::vector<std::string> missing;  // sentences
};

class Lane;

class Engine {
 public:
  explicit Engine(EngineConfig config);
  ~Engine();

  struct Inside;  // inside.hpp
  // Of lanes that somebody else has made and runs: tests do.
  explicit Engine(std::unique_ptr<Inside> inside);

  // Migrations are done by the caller before. Opens the log, loads definitions, recovers, starts the threads.
  // Returns when the lanes run; readiness follows as partitions are claimed.
  Result<void> start(std::shared_ptr<const sagas::ServiceRegistry> services);
  // Nothing new is begun, answers in flight are recorded, the partitions are handed back; bounded by `drain`.
  void stop();

  std::size_t lane_count() const;
  boost::asio::io_context& io(std::size_t lane);

  // Requests, on the thread of `lane`.
  void start_saga(std::size_t lane, StartRequest request, Done<StartOutcome> done);
  void find_saga(std::size_t lane, SagaId id, Done<Snapshot> done);
  // Like find_saga, but waits until the saga has more events than `known`, at most `patience`.
  void await_change(std::size_t lane, SagaId id, std::int32_t known, Duration patience, Done<Snapshot> done);
  // A cancel, what an operator asks of a saga, or a signal to it.
  void ask_saga(std::size_t lane, SagaId id, core::Input input, Done<Snapshot> done);
  // The same with its children, the saga first.
  void terminate_saga(std::size_t lane, SagaId id, core::OperatorTerminate asked, Done<Snapshot> done);
  // An event to all whom it concerns.
  void deliver_event(std::size_t lane, EventToDeliver event, Done<Reached> done);
  // Tasks for a worker; an empty list when its patience has ended.
  void poll_tasks(std::size_t lane, TaskPoll poll, Done<std::vector<LeasedTask>> done);
  // `word` is a core::TaskDone or core::TaskRefused of that task.
  void decide_task(std::size_t lane, TaskName task, core::Input word, Done<Snapshot> done);
  void heartbeat_task(std::size_t lane, TaskName task, Duration lease, Done<Timestamp> done);
  void read_events(std::size_t lane, SagaId id, std::int32_t after, std::size_t limit,
                   Done<std::vector<store::StoredEvent>> done);
  void list_sagas(std::size_t lane, store::SagaFilter filter, Done<std::vector<store::SagaRow>> done);
  // `name` must be the definition's own name.
  void put_definition(std::size_t lane, std::string name, std::string source, std::string file,
                      Done<DefinitionPut> done);

  // views.cpp. `name` must be the view's own name. A definition that is not the one that is read or built
  // makes a new generation; it is read when it has caught up.
  void put_view(std::size_t lane, std::string name, std::string source, std::string file, Done<ViewPut> done);
  void rebuild_view(std::size_t lane, std::string name, Done<ViewStatus> done);
  void list_views(std::size_t lane, Done<std::vector<ViewStatus>> done);
  void view_status(std::size_t lane, std::string name, Done<ViewStatus> done);
  void read_view(std::size_t lane, views::ViewQuery query, Done<views::FoundRows> done);
  struct SkipEvent {
    std::string view;
    Position position;  // at which it stands stopped
    std::string by, reason;
  };
  void skip_view_event(std::size_t lane, SkipEvent skip, Done<ViewStatus> done);

  // From any thread.
  std::shared_ptr<const sagas::Catalog> catalog() const;
  std::shared_ptr<const sagas::ServiceRegistry> services() const;
  void set_services(std::shared_ptr<const sagas::ServiceRegistry> services);
  Readiness readiness() const;
  Metrics& metrics();

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace skald::runtime
