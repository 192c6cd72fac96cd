#include "eventstore/memory_views.hpp"

#include <algorithm>

namespace skald::store {

namespace {

// As a cursor continues: behind that key, in the order of keys' texts.
bool is_behind(const ViewRows::Row& row, const std::vector<std::string>& key) {
  return std::lexicographical_compare(key.begin(), key.end(), row.begin(),
                                      row.begin() + static_cast<std::ptrdiff_t>(key.size()),
                                      [](const Cell& a, const Cell& b) { return a < b; });
}

}  // namespace

MemoryViews::Kept* MemoryViews::living(Generation generation) {
  const auto at = generations_.find(generation);
  return at == generations_.end() ? nullptr : &at->second;
}

const MemoryViews::Kept* MemoryViews::living(Generation generation) const {
  const auto at = generations_.find(generation);
  return at == generations_.end() ? nullptr : &at->second;
}

MemoryViews::Kept* MemoryViews::active_of(const std::string& view) {
  for (auto& [number, kept] : generations_)
    if (kept.row.view == view && kept.row.active) return &kept;
  return nullptr;
}

void MemoryViews::retire(Generation generation) {
  generations_.erase(generation);
  ++revision_;
}

std::optional<ViewRegistry> MemoryViews::list(std::int64_t known) const {
  if (known == revision_) return std::nullopt;
  ViewRegistry registry{revision_, {}};
  for (const auto& [number, kept] : generations_) {
    registry.generations.push_back(kept.row);
    const auto skipped = skipped_.find({kept.row.view, kept.row.hash});
    if (skipped == skipped_.end()) continue;
    registry.generations.back().skipped.assign(skipped->second.begin(), skipped->second.end());
  }
  return registry;
}

ViewStore::Put MemoryViews::put(const NewView& view) {
  const Kept* current = active_of(view.table.view);
  const auto building = std::find_if(generations_.begin(), generations_.end(), [&](const auto& entry) {
    return entry.second.row.view == view.table.view && !entry.second.row.active;
  });
  if (building != generations_.end()) {
    const auto& row = building->second.row;
    if (row.hash == view.hash && (!row.stop || !view.again)) return {row.number, false};
    retire(row.number);
  }
  if (current && current->row.hash == view.hash && !view.again) return {current->row.number, false};
  Kept fresh{{}, view.table, ViewRows(view.table), {}};
  fresh.row.number = ++last_;
  fresh.row.view = view.table.view;
  fresh.row.hash = view.hash;
  fresh.row.source = view.source;
  fresh.row.made_at = log_.now();
  for (std::uint16_t p = 0; p < log_.partition_count(); ++p)
    fresh.checkpoints[{p}] = {last_, {p}, 0, head({p})};
  generations_.emplace(last_, std::move(fresh));
  ++revision_;
  return {last_, true};
}

bool MemoryViews::stop(Generation generation, const ViewStop& stop) {
  Kept* kept = living(generation);
  if (!kept || kept->row.stop) return false;
  kept->row.stop = stop;
  ++revision_;
  return true;
}

bool MemoryViews::skip(Generation generation, Position place) {
  Kept* kept = living(generation);
  if (!kept || !kept->row.stop || kept->row.stop->place != place) return false;
  kept->row.stop.reset();
  skipped_[{kept->row.view, kept->row.hash}].insert(place);
  ++revision_;
  return true;
}

bool MemoryViews::index(Generation generation) {
  Kept* kept = living(generation);
  if (!kept || kept->row.indexed) return false;
  kept->row.indexed = true;
  ++revision_;
  return true;
}

bool MemoryViews::compare(Generation generation) {
  Kept* next = living(generation);
  Kept* current = next ? active_of(next->row.view) : nullptr;
  if (!current || current == next) return true;
  const auto before = current->rows.rows(), after = next->rows.rows();
  if (next->row.hash == current->row.hash && !current->row.stop) {
    for (const auto& [partition, checkpoint] : next->checkpoints)
      if (checkpoint.position != current->checkpoints.at(partition).position) return false;
    next->row.rows_different = before == after ? 0 : 1;
  }
  next->row.rows_before = static_cast<std::int64_t>(before.size());
  next->row.rows_after = static_cast<std::int64_t>(after.size());
  return true;
}

bool MemoryViews::switch_to(Generation generation) {
  Kept* next = living(generation);
  if (!next || !next->row.indexed || next->row.stop || next->row.active) return false;
  Kept* current = active_of(next->row.view);
  for (const auto& [partition, checkpoint] : next->checkpoints) {
    const bool follows = current && !current->row.stop;
    const auto least = follows ? current->checkpoints.at(partition).position : checkpoint.target;
    if (checkpoint.position < least) return false;
  }
  if (current) retire(current->row.number);
  next->row.active = true;
  ++revision_;
  return true;
}

std::vector<Checkpoint> MemoryViews::checkpoints(const std::vector<Partition>& partitions) const {
  std::vector<Checkpoint> all;
  for (const auto& [number, kept] : generations_)
    for (const auto partition : partitions) all.push_back(kept.checkpoints.at(partition));
  return all;
}

Result<ViewProgress> MemoryViews::progress(Generation generation) const {
  const Kept* kept = living(generation);
  if (!kept) return not_found("this generation of the view is gone");
  ViewProgress progress;
  progress.filled = true;
  progress.now = log_.now();
  for (const auto& [partition, checkpoint] : kept->checkpoints) {
    progress.done += checkpoint.position;
    progress.target += checkpoint.target;
    progress.head += head(partition);
    progress.filled = progress.filled && checkpoint.position >= checkpoint.target;
    const auto missing = log_.read_partition(partition, checkpoint.position, 1);
    if (missing.empty()) continue;
    progress.oldest_missing = std::min(progress.oldest_missing.value_or(missing[0].time), missing[0].time);
  }
  return progress;
}

std::int64_t MemoryViews::head(Partition partition) const {
  return log_.end_of(partition);
}

bool MemoryViews::is_there(const ViewAdvance& advance) const {
  if (advance.last == 0) return true;
  const auto last = log_.read_partition(advance.partition, advance.last - 1, 1);
  return !last.empty() && last[0].saga == advance.saga && last[0].time == advance.time;
}

ViewApplied MemoryViews::apply(const ViewBatch& batch) {
  for (const auto& view : batch.views) {
    const Kept* kept = living(view.generation);
    if (!kept) return ViewsElsewhere{};
    for (const auto& advance : batch.advances)
      if (kept->checkpoints.at(advance.partition).position != advance.from || !is_there(advance))
        return ViewsElsewhere{};
  }
  for (const auto& view : batch.views) {
    Kept& kept = *living(view.generation);
    for (const auto& advance : batch.advances) kept.checkpoints[advance.partition].position = advance.to;
    for (const auto& change : view.rows) kept.rows.merge(change);
  }
  return ViewsApplied{};
}

ViewPage MemoryViews::read(const ViewRead& read) const {
  ViewPage page;
  for (const auto& [number, kept] : generations_)
    if (kept.row.view == read.table->view && kept.row.active) page.active = number;
  const Kept* kept = living(read.generation);
  if (kept && read.passed) page.position = kept->checkpoints.at(*read.passed).position;
  if (page.active != read.generation) return page;
  for (auto& row : kept->rows.rows()) {
    if (page.rows.size() == read.limit) break;
    const bool fits = std::all_of(read.equal.begin(), read.equal.end(),
                                  [&](const auto& wanted) { return row[wanted.first] == wanted.second; });
    if (fits && (read.after.empty() || is_behind(row, read.after))) page.rows.push_back(std::move(row));
  }
  return page;
}

std::vector<ViewRows::Row> MemoryViews::rows(Generation generation) const {
  const Kept* kept = living(generation);
  return kept ? kept->rows.rows() : std::vector<ViewRows::Row>{};
}

MemoryViewStore::MemoryViewStore(MemoryViews& views, Post post) : views_(views), post_(std::move(post)) {}

void MemoryViewStore::later(std::function<void()> act) {
  post_([alive = std::weak_ptr(alive_), act = std::move(act)] {
    if (!alive.expired()) act();
  });
}

void MemoryViewStore::partition_count(Done<std::uint16_t> done) {
  later([=, this] { done(views_.log().partition_count()); });
}
void MemoryViewStore::list_views(std::int64_t known, Done<std::optional<ViewRegistry>> done) {
  later([=, this] { done(views_.list(known)); });
}
void MemoryViewStore::put_view(NewView view, Done<Put> done) {
  later([=, this] { done(views_.put(view)); });
}
void MemoryViewStore::stop_view(Generation generation, ViewStop stop, Done<bool> done) {
  later([=, this] { done(views_.stop(generation, stop)); });
}
void MemoryViewStore::skip_event(Generation generation, Position place, std::string, std::string,
                                 Done<bool> done) {
  later([=, this] { done(views_.skip(generation, place)); });
}
void MemoryViewStore::make_indexes(Generation generation, ViewTable, Done<bool> done) {
  later([=, this] { done(views_.index(generation)); });
}
void MemoryViewStore::compare(Generation generation, ViewTable, Done<bool> done) {
  later([=, this] { done(views_.compare(generation)); });
}
void MemoryViewStore::switch_to(Generation generation, Done<bool> done) {
  later([=, this] { done(views_.switch_to(generation)); });
}
void MemoryViewStore::show(ViewTable, Done<bool> done) {
  later([=] { done(false); });
}
void MemoryViewStore::drop_retired(Duration, Done<std::int32_t> done) {
  later([=] { done(0); });
}
void MemoryViewStore::checkpoints(std::vector<Partition> partitions, Done<std::vector<Checkpoint>> done) {
  later([=, this] { done(views_.checkpoints(partitions)); });
}
void MemoryViewStore::progress(Generation generation, Done<ViewProgress> done) {
  later([=, this] { done(views_.progress(generation)); });
}
void MemoryViewStore::heads(std::vector<Partition> partitions, Done<std::vector<std::int64_t>> done) {
  later([=, this] {
    std::vector<std::int64_t> heads;
    for (const auto partition : partitions) heads.push_back(views_.head(partition));
    done(heads);
  });
}
void MemoryViewStore::apply(ViewBatch batch, std::function<void(ViewApplied)> done) {
  later([this, batch = std::move(batch), done = std::move(done)] { done(views_.apply(batch)); });
}
void MemoryViewStore::read(ViewRead read, Done<ViewPage> done) {
  later([=, this] { done(views_.read(read)); });
}
void MemoryViewStore::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                                     Done<std::vector<StoredEvent>> done) {
  later([=, this] { done(views_.log().read_partition(partition, after, limit)); });
}
void MemoryViewStore::read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                                Done<std::vector<StoredEvent>> done) {
  later([=, this] { done(views_.log().read_saga(saga, after, limit)); });
}

}  // namespace skald::store
