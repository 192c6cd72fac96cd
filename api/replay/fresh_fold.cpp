#include "api/replay/fresh_fold.hpp"

#include <algorithm>

#include "api/replay/recorded.hpp"
#include "eventstore/pg/connection.hpp"
#include "eventstore/row_change.hpp"
#include "projections/take_in.hpp"

namespace skald::api {
namespace {

// Events of one partition that are folded, netted and merged at once.
constexpr std::size_t kPage = 5'000;
// States of sagas that are held at once; one that was dropped and comes again is read from the log.
constexpr std::size_t kStates = 5'000;

const store::Statement kLeftBefore{
    "", "select max(ended_before) from skald.retention where done_at is not null", {}};

}  // namespace

ViewLog::ViewLog(store::Archive archive, const std::string& conninfo)
    : archive_(std::move(archive)),
      io_(std::make_unique<boost::asio::io_context>(1)),
      store_(std::make_unique<store::PgViewStore>(*io_, conninfo)) {}

Result<ViewLog> ViewLog::open(const std::string& conninfo) {
  auto archive = store::Archive::open(conninfo);
  if (!archive) return archive.error();
  return ViewLog(std::move(*archive), conninfo);
}

template <class T, class Ask>
Result<T> ViewLog::await(Ask ask) {
  std::optional<Result<T>> answer;
  ask([&answer](Result<T> given) { answer.emplace(std::move(given)); });
  io_->restart();
  while (!answer)
    if (io_->run_one() == 0) return unexpected("the database never answered");
  return std::move(*answer);
}

Result<views::Generations> ViewLog::generations() {
  auto registry = await<std::optional<store::ViewRegistry>>(
      [this](auto done) { store_->list_views(0, std::move(done)); });
  if (!registry) return registry.error();
  views::Generations generations;
  if (*registry) generations.update(std::move(**registry));
  return generations;
}

Result<std::vector<store::StoredEvent>> ViewLog::page(Partition partition, std::int64_t after,
                                                      std::size_t limit) {
  return await<std::vector<store::StoredEvent>>(
      [&](auto done) { store_->read_partition(partition, after, limit, std::move(done)); });
}

Result<bool> ViewLog::tells_of_the_gone(store::Generation generation) {
  const auto found = archive_.database().value(
      "select exists (select from skald.view_generation g join skald.retention r on r.done_at > g.made_at "
      "where g.generation = $1)",
      {std::to_string(generation)});
  return found ? Result<bool>(*found == "t") : found.error();
}

Result<std::optional<Timestamp>> ViewLog::left_before() {
  const auto found = archive_.database().query(kLeftBefore);
  if (!found) return found.error();
  return found->optional_time(0, 0);
}

Result<void> ViewLog::prepare(views::SagaStates& states, const std::vector<views::ViewEventPtr>& events) {
  return await<void>([&](auto done) { states.prepare(events, std::move(done)); });
}

// Definitions only ever come, so as many as before are those of before.
Result<std::shared_ptr<const sagas::Catalog>> ViewLog::catalog() {
  auto count = archive_.database().value("select count(*) from skald.definition", {});
  if (!count) return count.error();
  if (catalog_ && *count == known_definitions_) return catalog_;
  const auto definitions = archive_.definitions();
  if (!definitions) return definitions.error();
  catalog_ = std::make_shared<const sagas::Catalog>(catalog_of(*definitions));
  known_definitions_ = std::move(*count);
  return catalog_;
}

FreshFold::FreshFold(ViewLog& log, views::FoldedView view, Merge merge)
    : log_(log),
      view_(std::move(view)),
      merge_(std::move(merge)),
      states_(
          log.store(), [this] { return catalog_; }, kStates) {}

// Anew each time: what the events name that came meanwhile is there by now.
Result<void> FreshFold::learn() {
  const auto kept_below = log_.kept_below();
  if (!kept_below) return kept_below.error();
  kept_below_ = *kept_below;
  if (!view_.view->needs_state) return {};
  auto catalog = log_.catalog();
  if (!catalog) return catalog.error();
  catalog_ = std::move(*catalog);
  return {};
}

Result<void> FreshFold::go_to(const std::vector<std::int64_t>& positions) {
  if (auto learnt = learn(); !learnt) return learnt;
  for (std::uint16_t number = 0; number < positions.size(); ++number) {
    while (!poison_ && at_[{number}] < positions[number]) {
      const std::int64_t before = at_[{number}];
      const auto left = static_cast<std::size_t>(positions[number] - before);
      const auto taken =
          fold_page({number}, std::min(left, kPage), positions[number], [](const auto&) { return false; });
      if (!taken) return taken.error();
      if (at_[{number}] == before) return unavailable("the log is shorter than it was");
    }
  }
  return {};
}

Result<bool> FreshFold::go_while(Partition partition,
                                 const std::function<bool(const store::EventPlace&)>& is_beyond) {
  if (auto learnt = learn(); !learnt) return learnt.error();
  bool beyond = false;
  const auto look = [&](const store::EventPlace& place) { return beyond = beyond || is_beyond(place); };
  while (!poison_ && !beyond) {
    const auto taken = fold_page(partition, kPage, INT64_MAX, look);
    if (!taken) return taken.error();
    if (*taken < kPage) break;
  }
  return beyond;
}

Result<std::size_t> FreshFold::fold_page(Partition partition, std::size_t limit, std::int64_t up_to,
                                         const std::function<bool(const store::EventPlace&)>& is_beyond) {
  std::int64_t& at = at_[partition];
  auto stored = log_.page(partition, at, limit);
  if (!stored) return stored.error();
  if (auto whole = check_whole(*stored, {partition, at}); !whole) return whole.error();
  const bool passed = !stored->empty() && stored->back().position.number >= up_to;
  std::erase_if(*stored, [up_to](const auto& event) { return event.position.number > up_to; });
  auto events = views::view_events(std::move(*stored));
  const auto end =
      std::find_if(events.begin(), events.end(), [&](const auto& event) { return is_beyond(event->place); });
  events.erase(end, events.end());
  if (!events.empty()) at = events.back()->place.position.number;
  if (passed) at = up_to;
  if (events.empty()) return std::size_t{0};
  events_ += events.size();
  if (auto folded = fold(events); !folded) return folded.error();
  return events.size();
}

// Events that are missing have left the log; where they must not be missing, they left just now.
Result<void> FreshFold::check_whole(const std::vector<store::StoredEvent>& events, Position after) const {
  std::int64_t expected = after.number + 1;
  for (const auto& event : events) {
    if (event.position.number > std::max(expected, kept_below_))
      return conflict("events behind " + to_text(after) + " are not in the log any more");
    expected = event.position.number + 1;
  }
  return {};
}

// What came before it on its page is not merged: nobody looks at rows that end in the middle of nowhere.
Result<void> FreshFold::stop_at(const views::ViewEvent& event, const Error& why) {
  poison_ = Poison{event.place.position, why.message};
  return {};
}

Result<void> FreshFold::fold(const std::vector<views::ViewEventPtr>& events) {
  const bool needs_state = view_.view->needs_state;
  if (needs_state)
    if (auto prepared = log_.prepare(states_, events); !prepared) return prepared;
  std::vector<store::RowChange> changes;
  for (const views::ViewEventPtr& event : events) {
    const views::SagaStates::Seen* seen = nullptr;
    if (needs_state) {
      const auto after = states_.after(*event);
      if (!after) return stop_at(*event, after.error());
      seen = *after;
    }
    views::ShownEvent shown(*event, seen, view_.view->reads);
    auto taken = views::take_in(view_, shown);
    if (!taken) return stop_at(*event, taken.error());
    std::move(taken->begin(), taken->end(), std::back_inserter(changes));
  }
  return merge_(store::netted(*view_.table, std::move(changes)));
}

}  // namespace skald::api
