#include "projections/runner.hpp"

#include <algorithm>

namespace skald::views {
namespace {

// States of running sagas that are held at once, by each hand.
constexpr std::size_t kStates = 10'000;
// Large enough that what a transaction costs beside its events does not count.
constexpr std::size_t kLogPage = kLiveEvents;
// From here on it is worth a look whether somebody still needs all of them.
constexpr std::size_t kMuchInWindow = 1'000;

// The partitions of a map, beginning behind `last`.
template <class Map>
std::vector<Partition> in_turn(const Map& tails, Partition last) {
  std::vector<Partition> order;
  const auto begin = tails.upper_bound(last);
  for (auto at = begin; at != tails.end(); ++at) order.push_back(at->first);
  for (auto at = tails.begin(); at != begin; ++at) order.push_back(at->first);
  return order;
}

}  // namespace

Runner::Runner(RunnerParts parts)
    : parts_(std::move(parts)),
      live_{SagaStates(parts_.store, parts_.catalog, kStates)},
      catch_up_{Hand{SagaStates(parts_.store, parts_.catalog, kStates)},
                Hand{SagaStates(parts_.store, parts_.catalog, kStates)}} {}

void Runner::open() {
  look_at_registry();
  look_at_heads();
}

void Runner::gain(Partition partition) {
  tails_.try_emplace(partition);
  know({partition});
}

void Runner::lose(Partition partition) {
  tails_.erase(partition);
  std::erase_if(poison_, [&](const auto& entry) { return entry.first.second == partition; });
}

void Runner::take(CommittedEvents committed) {
  const auto at = tails_.find(committed.last.partition);
  if (at == tails_.end()) return;
  Tail& tail = at->second;
  for (ViewEventPtr& event : view_events(std::move(committed))) tail.window.follow(std::move(event));
  if (generations_.all().empty() || tail.window.size() > kMuchInWindow) trim_all();
  // Mostly nothing is behind, and then a look at this partition will do.
  if (behind(at->first, tail)) return step();
  if (live_.free()) begin_live();
}

void Runner::step() {
  stop_where_poisoned();
  if (live_.free()) begin_live();
  for (std::size_t number = 0; number < catch_up_.size(); ++number)
    if (catch_up_[number].free()) begin_catch_up(number);
}

std::size_t Runner::limit_of(store::Generation generation) const {
  const auto limit = limits_.find(generation);
  return limit == limits_.end() ? kLiveEvents : limit->second;
}

// Not beyond the event that it cannot take in.
std::int64_t Runner::last_allowed(store::Generation generation, Partition partition,
                                  std::int64_t last) const {
  const auto poison = poison_.find({generation, partition});
  return poison == poison_.end() ? last : std::min(last, poison->second.place.number - 1);
}

// Events in memory that some view has not taken in.
std::size_t Runner::waiting() const {
  std::size_t most = 0;
  for (const auto& [generation, view] : generations_.all()) most = std::max(most, waiting_for(view));
  return most;
}

// The events in memory that it has not taken in.
std::size_t Runner::waiting_for(const FoldedView& view) const {
  std::size_t events = 0;
  if (!is_live(view)) return 0;
  for (const auto& [partition, tail] : tails_) {
    const auto at = tail.at.find(view.row.number);
    if (tail.known && at != tail.at.end() && tail.window.continues(at->second))
      events += static_cast<std::size_t>(std::max<std::int64_t>(tail.window.end() - at->second, 0));
  }
  return events;
}

// Where the nearest of the others stands that is ahead: up to there, so that from then on they go together.
std::int64_t Runner::next_stand(store::Generation generation, const Tail& tail) const {
  const auto mine = tail.at.at(generation);
  std::int64_t next = tail.window.end();
  for (const auto& [other, at] : tail.at) {
    const FoldedView* folded = generations_.find(other);
    if (at > mine && at < next && folded && is_live(*folded) && !limits_.contains(other)) next = at;
  }
  return next;
}

std::vector<Runner::Span> Runner::live_spans(store::Generation generation) const {
  std::vector<Span> spans;
  auto left = static_cast<std::int64_t>(limit_of(generation));
  for (const Partition partition : in_turn(tails_, live_.turn)) {
    const Tail& tail = tails_.at(partition);
    const auto at = tail.at.find(generation);
    if (!tail.known || at == tail.at.end() || tail.busy.contains(generation)) continue;
    if (!tail.window.continues(at->second)) continue;
    const auto last =
        last_allowed(generation, partition, std::min(next_stand(generation, tail), at->second + left));
    if (last <= at->second) continue;
    spans.push_back({partition, at->second, last});
    left -= last - at->second;
    if (left == 0) break;
  }
  return spans;
}

bool Runner::stands_at(store::Generation generation, const std::vector<Span>& spans) const {
  return std::all_of(spans.begin(), spans.end(), [&](const Span& span) {
    const Tail& tail = tails_.at(span.partition);
    const auto at = tail.at.find(generation);
    return at != tail.at.end() && at->second == span.from && !tail.busy.contains(generation) &&
           last_allowed(generation, span.partition, span.to) == span.to;
  });
}

// The one that has most to do goes first, with all that stand where it stands.
void Runner::begin_live() {
  auto work = std::make_shared<Work>();
  std::vector<std::pair<std::size_t, store::Generation>> order;
  for (const auto& [generation, view] : generations_.all())
    if (const auto events = waiting_for(view)) order.emplace_back(events, generation);
  std::sort(order.rbegin(), order.rend());
  for (const auto& [events, generation] : order) {
    if (work->spans.empty()) {
      work->spans = live_spans(generation);
      if (work->spans.empty()) continue;
      work->generations.push_back(generation);
      if (limits_.contains(generation)) break;
    } else if (!limits_.contains(generation) && stands_at(generation, work->spans)) {
      work->generations.push_back(generation);
    }
  }
  if (work->spans.empty()) return;
  for (const Span& span : work->spans) {
    const Window& window = tails_.at(span.partition).window;
    for (auto position = span.from + 1; position <= span.to; ++position)
      work->events.push_back(window.at(position));
  }
  std::sort(work->generations.begin(), work->generations.end());  // the same order of locks everywhere
  live_.turn = work->spans.back().partition;
  live_.busy = true;
  take_hold(*work);
  fold(live_, work);
}

// A generation that is being built is never written together with those that are read: the lock that makes
// its indexes would hold them up.
bool Runner::is_behind(const FoldedView& view, const Tail& tail) const {
  const auto at = tail.at.find(view.row.number);
  if (!view.can_fold() || at == tail.at.end() || tail.busy.contains(view.row.number)) return false;
  return view.row.indexed ? !tail.window.continues(at->second) : at->second < tail.window.end();
}

std::optional<Runner::Work> Runner::behind(Partition partition, const Tail& tail) const {
  if (!tail.known) return std::nullopt;
  const FoldedView* first = nullptr;
  for (const auto& [generation, view] : generations_.all())
    if (is_behind(view, tail) && (!first || (view.row.indexed && !first->row.indexed))) first = &view;
  if (!first) return std::nullopt;
  const auto number = first->row.number;
  const auto from = tail.at.at(number);
  auto last = first->row.indexed ? tail.window.first() - 1 : tail.window.end();
  last = std::min(last, from + static_cast<std::int64_t>(std::min(kLogPage, limit_of(number))));
  last = last_allowed(number, partition, last);
  if (last <= from) return std::nullopt;
  Work work;
  work.spans.push_back({partition, from, last});
  work.generations.push_back(number);
  if (limits_.contains(number)) return work;
  for (const auto& [generation, view] : generations_.all())
    if (generation != number && view.row.indexed == first->row.indexed && !limits_.contains(generation) &&
        is_behind(view, tail) && stands_at(generation, work.spans))
      work.generations.push_back(generation);
  return work;
}

void Runner::begin_catch_up(std::size_t number) {
  Hand& hand = catch_up_[number];
  std::optional<Work> found;
  for (const Partition partition : in_turn(tails_, hand.turn)) {
    // Always the same hand for a partition: it holds the states of its sagas.
    if (partition.number % catch_up_.size() != number) continue;
    if ((found = behind(partition, tails_.at(partition)))) break;
  }
  if (!found) return;
  const auto work = std::make_shared<Work>(std::move(*found));
  const Span span = work->spans[0];
  Tail& tail = tails_.at(span.partition);
  // While the page is folded the window waits for it, so that it goes on from there without another look at
  // the log.
  if (span.to + 1 == tail.window.first()) tail.joining = span.to;
  hand.turn = span.partition;
  hand.busy = true;
  take_hold(*work);
  const auto count = static_cast<std::size_t>(span.to - span.from);
  parts_.store.read_partition(
      span.partition, span.from, count,
      [this, &hand, work, count](Result<std::vector<store::StoredEvent>> read) {
        if (!read) return failed(hand, *work, read.error());
        const std::int64_t to = work->spans[0].to;
        // Fewer than it has positions: the log has ended, or sagas have left it (retention).
        if (read->size() < count && (read->empty() || read->back().position.number < to))
          return failed(hand, *work, unavailable("the log is shorter than it was"));
        std::erase_if(*read, [to](const store::StoredEvent& event) { return event.position.number > to; });
        work->events = view_events(std::move(*read));
        fold(hand, work);
      });
}

void Runner::take_hold(const Work& work) {
  for (const Span& span : work.spans)
    tails_.at(span.partition).busy.insert(work.generations.begin(), work.generations.end());
}

void Runner::let_go(const Work& work) {
  for (const Span& span : work.spans) {
    const auto at = tails_.find(span.partition);
    if (at == tails_.end()) continue;
    for (const auto generation : work.generations) at->second.busy.erase(generation);
    if (at->second.joining == span.to) at->second.joining.reset();
  }
}

}  // namespace skald::views
