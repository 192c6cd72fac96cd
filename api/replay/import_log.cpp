#include "api/replay/export_log.hpp"
#include "api/replay/log_lines.hpp"
#include "api/replay/progress.hpp"
#include "api/replay/recorded.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/sha256.hpp"
#include "engine/runtime/parking.hpp"
#include "eventstore/pg/log_import.hpp"
#include "projections/view_loader.hpp"

namespace skald::api {
namespace {

constexpr const char* kWhyFrozen =
    "this database was imported and is frozen, so that no service is called twice by accident; when the "
    "log's "
    "former nodes are stopped for good: skald log import --resume";

// What a saga's row says, told by its events alone.
class Rebuilding {
 public:
  explicit Rebuilding(const sagas::Catalog& catalog) : catalog_(catalog), now_(system_now()) {}

  Result<store::RebuiltSaga> row_of(const SagaId& id, const std::vector<store::StoredEvent>& stored) const {
    const auto events = events_of(stored);
    if (!events) return events.error();
    const auto* started = std::get_if<core::SagaStarted>(&events->front().fact);
    if (!started) return invalid("saga " + to_text(id) + " does not begin with SagaStarted");
    const auto entry = catalog_.by_hash(started->definition);
    if (!entry) return invalid("saga " + to_text(id) + " began with a definition that is not in this log");
    const core::State state = fold(id, *events);
    const core::Definition& definition = *entry->definition;
    store::RebuiltSaga rebuilt;
    rebuilt.first_position = stored.front().position.number;
    rebuilt.row.id = id;
    rebuilt.row.start = {definition.name,       definition.version, definition.hash,
                         started->business_key, started->start_key, {}};
    if (started->start_key && !read_hex(started->request_hash, rebuilt.row.start.request_hash))
      return invalid("saga " + to_text(id) + " has a start key and no hash of its request");
    rebuilt.row.status.status = core::status_of(state);
    if (state.phase == core::Phase::Ended)
      rebuilt.row.status.ended_at = state.ended_at;
    else
      rebuilt.row.status.due_at = runtime::parked_until(definition, state, now_);
    rebuilt.row.started_at = state.started_at;
    rebuilt.row.updated_at = state.updated_at;
    return rebuilt;
  }

 private:
  const sagas::Catalog& catalog_;
  Timestamp now_;
};

class Import {
 public:
  Import(const std::string& conninfo, std::istream& in) : conninfo_(conninfo), in_(in) {}

  Result<LogMoved> run() {
    std::string text;
    while (!ended_ && std::getline(in_, text)) {
      ++number_;
      auto line = log_line_from(text);
      if (!line) return at_line(line.error());
      const bool is_end = std::holds_alternative<LogEnd>(*line);
      if (!is_end) hash_.add(text + "\n");
      const auto taken = std::visit([this](auto& one) { return take(std::move(one)); }, *line);
      if (!taken) return at_line(taken.error());
    }
    if (!ended_) return invalid("the log is cut short: its last line, the end, is missing");
    if (std::getline(in_, text)) return invalid("something follows behind the end of the log");
    return finish();
  }

 private:
  Error at_line(const Error& error) const {
    return {error.kind, "line " + std::to_string(number_) + ": " + error.message};
  }

  Result<void> take(LogHead head) {
    if (import_) return invalid("a second head");
    auto import = store::LogImport::begin(conninfo_, head.heads, head.kept_below);
    if (!import) return import.error();
    import_.emplace(std::move(*import));
    heads_ = std::move(head.heads);
    kept_below_ = head.kept_below;
    std::uint64_t whole = 0;
    for (const auto one : heads_) whole += static_cast<std::uint64_t>(one);
    progress_.emplace("importing", "events", whole);
    return {};
  }
  Result<void> take(store::DefinitionRow definition) {
    if (!import_) return no_head();
    definitions_.push_back(definition);
    return import_->add(definition);
  }
  Result<void> take(LogView view) {
    if (!import_) return no_head();
    auto loaded = views::load_view(view.source, view.name + ".view.yaml", nullptr);
    for (const auto& fault : loaded.faults)
      if (!fault.warning) return invalid("this version cannot read the view: " + sagas::to_text(fault));
    if (loaded.view->name() != view.name) return invalid("the view " + view.name + " has another name");
    views_.push_back(
        {loaded.view->table, loaded.view->hash, loaded.view->source, false, loaded.view->keeps_rows});
    return {};
  }
  Result<void> take(const store::ViewSkip& skip) { return import_ ? import_->add(skip) : no_head(); }
  Result<void> take(store::WriterRow writer) { return import_ ? import_->add(writer) : no_head(); }
  Result<void> take(store::StoredEvent event) {
    if (!import_) return no_head();
    const std::size_t partition = event.position.partition.number;
    if (partition >= heads_.size() || event.saga.partition() != event.position.partition)
      return invalid("the event is in a partition that is not its saga's");
    if (partition != at_.partition.number) {
      if (auto whole = end_of_partition(partition); !whole) return whole;
      at_ = {event.position.partition, 0};
    }
    const std::int64_t next = at_.number + 1;
    if (event.position.number < next || event.position.number > std::max(next, kept_below_))
      return invalid("position " + to_text(Position{event.position.partition, next}) + " is missing");
    at_ = event.position;
    ++moved_.events;
    progress_->add();
    return import_->add(std::move(event));
  }
  Result<void> take(LogEnd end) {
    if (!import_) return no_head();
    if (auto whole = end_of_partition(heads_.size()); !whole) return whole;
    if (end.events != moved_.events || end.sha256 != hash_.hex())
      return invalid("the log is not as it was written: its end tells of other lines");
    ended_ = true;
    return {};
  }
  static Error no_head() { return invalid("an exported log begins with its head"); }

  // All partitions before `next` are as long as the head says.
  Result<void> end_of_partition(std::size_t next) {
    for (std::size_t partition = at_.partition.number; partition < next; ++partition) {
      const std::int64_t last = partition == at_.partition.number ? at_.number : 0;
      if (last != heads_[partition])
        return invalid("partition " + std::to_string(partition) + " ends at " + std::to_string(last) +
                       " instead of " + std::to_string(heads_[partition]));
    }
    if (next < at_.partition.number) return invalid("the partitions are out of order");
    return {};
  }

  Result<LogMoved> finish() {
    progress_.reset();
    const auto catalog = catalog_of(definitions_);
    const Rebuilding rebuilding(catalog);
    Progress progress("rebuilding", "sagas", 0);
    const auto rebuilt = import_->rebuild([&](SagaId id, const std::vector<store::StoredEvent>& events) {
      ++moved_.sagas;
      progress.add();
      return rebuilding.row_of(id, events);
    });
    if (!rebuilt) return rebuilt.error();
    // After the events: each is read when it has come as far as the log goes now. The first node fills it.
    for (const auto& view : views_)
      if (auto added = import_->add(view); !added) return added.error();
    if (auto committed = import_->commit(kWhyFrozen); !committed) return committed.error();
    return moved_;
  }

  const std::string& conninfo_;
  std::istream& in_;
  std::uint64_t number_ = 0;
  std::optional<store::LogImport> import_;
  std::optional<Progress> progress_;
  std::vector<std::int64_t> heads_;
  std::int64_t kept_below_ = 1;
  std::vector<store::DefinitionRow> definitions_;
  std::vector<store::NewView> views_;
  Position at_{{0}, 0};
  LogMoved moved_;
  Sha256 hash_;
  bool ended_ = false;
};

}  // namespace

Result<LogMoved> import_log(const std::string& conninfo, std::istream& in) {
  return Import(conninfo, in).run();
}

}  // namespace skald::api
