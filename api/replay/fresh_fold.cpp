#include "api/replay/fresh_fold.hpp"

#include <algorithm>

#include "api/replay/recorded.hpp"
#include "eventstore/row_change.hpp"
#include "projections/take_in.hpp"

namespace skald::api {
namespace {

// Events of one partition that are folded, netted and merged at once.
constexpr std::size_t kPage = 5'000;
// States of sagas that are held at once; one that was dropped and comes again is read from the log.
constexpr std::size_t kStates = 5'000;

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

Result<void> ViewLog::prepare(views::SagaStates& states, const std::vector<views::ViewEvent>& events) {
  return await<void>([&](auto done) { states.prepare(events, std::move(done)); });
}

Result<std::shared_ptr<const sagas::Catalog>> ViewLog::catalog() {
  const auto definitions = archive_.definitions();
  if (!definitions) return definitions.error();
  return std::make_shared<const sagas::Catalog>(catalog_of(*definitions));
}

FreshFold::FreshFold(ViewLog& log, views::FoldedView view, Merge merge)
    : log_(log),
      view_(std::move(view)),
      merge_(std::move(merge)),
      states_(
          log.store(), [this] { return catalog_; }, kStates) {}

// Anew each time: what the events name that came meanwhile is there by now.
Result<void> FreshFold::learn_catalog() {
  if (!view_.view->needs_state) return {};
  auto catalog = log_.catalog();
  if (!catalog) return catalog.error();
  catalog_ = std::move(*catalog);
  return {};
}

Result<void> FreshFold::go_to(const std::vector<std::int64_t>& positions) {
  if (auto learnt = learn_catalog(); !learnt) return learnt;
  for (std::uint16_t number = 0; number < positions.size(); ++number) {
    while (!poison_ && at_[{number}] < positions[number]) {
      const auto left = static_cast<std::size_t>(positions[number] - at_[{number}]);
      const auto taken = fold_page({number}, std::min(left, kPage), [](const auto&) { return false; });
      if (!taken) return taken.error();
      if (*taken == 0) return unavailable("the log is shorter than it was");
    }
  }
  return {};
}

Result<bool> FreshFold::go_while(Partition partition,
                                 const std::function<bool(const store::EventPlace&)>& is_beyond) {
  if (auto learnt = learn_catalog(); !learnt) return learnt.error();
  bool beyond = false;
  const auto look = [&](const store::EventPlace& place) { return beyond = beyond || is_beyond(place); };
  while (!poison_ && !beyond) {
    const auto taken = fold_page(partition, kPage, look);
    if (!taken) return taken.error();
    if (*taken < kPage) break;
  }
  return beyond;
}

Result<std::size_t> FreshFold::fold_page(Partition partition, std::size_t limit,
                                         const std::function<bool(const store::EventPlace&)>& is_beyond) {
  std::int64_t& at = at_[partition];
  auto stored = log_.page(partition, at, limit);
  if (!stored) return stored.error();
  auto events = views::view_events(std::move(*stored));
  const auto end =
      std::find_if(events.begin(), events.end(), [&](const auto& event) { return is_beyond(event.place); });
  events.erase(end, events.end());
  if (events.empty()) return std::size_t{0};
  if (events.front().place.position.number != at + 1 ||
      events.back().place.position.number != at + static_cast<std::int64_t>(events.size()))
    return conflict("events behind " + to_text(Position{partition, at}) + " are not in the log any more");
  at += static_cast<std::int64_t>(events.size());
  events_ += events.size();
  if (auto folded = fold(events); !folded) return folded.error();
  return events.size();
}

// What came before it on its page is not merged: nobody looks at rows that end in the middle of nowhere.
Result<void> FreshFold::stop_at(const views::ViewEvent& event, const Error& why) {
  poison_ = Poison{event.place.position, why.message};
  return {};
}

Result<void> FreshFold::fold(const std::vector<views::ViewEvent>& events) {
  const bool needs_state = view_.view->needs_state;
  if (needs_state)
    if (auto prepared = log_.prepare(states_, events); !prepared) return prepared;
  std::vector<store::RowChange> changes;
  for (const views::ViewEvent& event : events) {
    const views::SagaStates::Seen* seen = nullptr;
    if (needs_state) {
      const auto after = states_.after(event);
      if (!after) return stop_at(event, after.error());
      seen = *after;
    }
    views::ShownEvent shown(event, seen, view_.view->reads);
    auto taken = views::take_in(view_, shown);
    if (!taken) return stop_at(event, taken.error());
    std::move(taken->begin(), taken->end(), std::back_inserter(changes));
  }
  return merge_(store::netted(*view_.table, std::move(changes)));
}

}  // namespace skald::api
