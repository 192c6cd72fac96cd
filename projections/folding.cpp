// A batch, from its events to its commit: states, folds, one transaction; and what becomes of a view that
// cannot take in an event.
#include <algorithm>
#include <utility>

#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "projections/batch_fold.hpp"
#include "projections/runner.hpp"

namespace skald::views {
namespace {

using namespace std::chrono_literals;

// A commit costs the same for one event and for a thousand, and of most sagas all events fall into one batch
// then: so long the next ones gather, unless somebody waits for them or they are many already.
constexpr Duration kGather = 100ms;
// The database is away, or somebody else moved a checkpoint.
constexpr Duration kTryAgain = 500ms, kMoved = 50ms;

}  // namespace

void Runner::fold(Hand& hand, WorkPtr work) {
  const auto apply = [this, &hand, work] {
    auto batch = changes_of(hand, *work);
    if (!batch) return failed(hand, *work, batch.error());
    if (batch->views.empty()) return ended(hand, *work);
    for (const auto& view : batch->views) work->written.push_back(view.generation);
    FAILPOINT("view-batch-folded");
    parts_.store.apply(std::move(*batch), [this, &hand, work](const store::ViewApplied& result) {
      applied(hand, *work, result);
    });
  };
  const bool needs_states =
      std::any_of(work->generations.begin(), work->generations.end(), [&](store::Generation generation) {
        const FoldedView* folded = generations_.find(generation);
        return folded && folded->can_fold() && folded->view->needs_state;
      });
  if (!needs_states) return apply();
  hand.states.prepare(work->events, [this, &hand, work, apply](Result<void> prepared) {
    if (!prepared) return failed(hand, *work, prepared.error());
    apply();
  });
}

// What the events do to each generation that can take in all of them. One that cannot take in some event goes
// up to there by itself, and stops.
Result<store::ViewBatch> Runner::changes_of(Hand& hand, const Work& work) {
  BatchFold fold(work.events);
  for (const auto generation : work.generations) {
    const FoldedView* folded = generations_.find(generation);
    if (folded && folded->can_fold()) fold.add(*folded);  // neither retired nor stopped meanwhile
  }
  if (auto folded = fold.run(hand.states); !folded) return folded.error();
  for (const auto& stopped : fold.stopped())
    poison_[{stopped.generation, stopped.at.partition}] = {stopped.at, stopped.why};
  return store::ViewBatch{advances_of(work), fold.changes()};
}

std::vector<store::ViewAdvance> Runner::advances_of(const Work& work) {
  std::vector<store::ViewAdvance> advances;
  auto event = work.events.begin();
  for (const Span& span : work.spans) {
    store::ViewAdvance advance{span.partition, span.from, span.to, {}, {}, 0};
    for (; event != work.events.end() && (*event)->place.position.partition == span.partition; ++event) {
      advance.saga = (*event)->saga;
      advance.time = (*event)->place.time;
      advance.last = (*event)->place.position.number;
    }
    advances.push_back(advance);
  }
  std::sort(advances.begin(), advances.end(),
            [](const auto& a, const auto& b) { return a.partition < b.partition; });
  return advances;
}

void Runner::applied(Hand& hand, const Work& work, const store::ViewApplied& result) {
  if (std::holds_alternative<store::ViewsApplied>(result)) {
    FAILPOINT("view-batch-committed");
    committed(hand, work);
  } else if (std::holds_alternative<store::ViewsElsewhere>(result)) {
    std::vector<Partition> moved;
    for (const Span& span : work.spans)
      if (tails_.contains(span.partition)) moved.push_back(span.partition);
    rest(hand, kMoved);
    ended(hand, work);
    know(moved);
    refresh();
  } else if (const auto* bad = std::get_if<store::ViewDataRefused>(&result)) {
    refused(work, bad->why);
    ended(hand, work);
  } else {
    failed(hand, work, unavailable(std::get<store::ViewsUnavailable>(result).why));
  }
}

void Runner::committed(Hand& hand, const Work& work) {
  for (const auto generation : work.written) {
    const FoldedView* folded = generations_.find(generation);
    if (!folded) continue;
    for (const Span& span : work.spans)
      if (const auto at = tails_.find(span.partition); at != tails_.end())
        at->second.at[generation] = span.to;
    const auto limit = limits_.find(generation);
    if (limit != limits_.end() && (limit->second *= 2) >= kLiveEvents) limits_.erase(limit);
    if (!work.events.empty()) parts_.folded(folded->row.view, work.events.size());
  }
  if (&hand == &live_) gather();
  if (std::exchange(hand.troubled, false)) log::info("views go on");
  tell_waiters();
  ended(hand, work);
}

// Which value of which view it was is found by trying: each view alone, then ever fewer events.
void Runner::refused(const Work& work, const std::string& why) {
  if (work.written.size() > 1) {
    for (const auto generation : work.written) limits_[generation] = work.events.size();
  } else if (work.events.size() > 1) {
    limits_[work.written[0]] = work.events.size() / 2;
  } else {
    const Position place = work.events[0]->place.position;
    poison_[{work.written[0], place.partition}] = {place, "the database refuses it: " + why};
  }
}

void Runner::failed(Hand& hand, const Work& work, const Error& why) {
  if (!std::exchange(hand.troubled, true)) log::warn("views wait: {}", why.message);
  rest(hand, kTryAgain);
  ended(hand, work);
}

void Runner::ended(Hand& hand, const Work& work) {
  let_go(work);
  hand.busy = false;
  trim_all();
  step();
}

void Runner::gather() {
  if (!waiters_.empty() || waiting() >= kLiveEvents) return;
  rest(live_, kGather);
  live_.gathering = true;
}

// What gathers goes in at once; a hand that rests for a trouble rests on.
void Runner::gather_no_more() {
  if (!live_.gathering) return;
  rise(live_);
  step();
}

void Runner::rest(Hand& hand, Duration span) {
  hand.resting = true;
  after(span, [this, &hand, rests = ++hand.rests] {
    if (hand.rests != rests || !hand.resting) return;
    rise(hand);
    step();
  });
}

void Runner::rise(Hand& hand) {
  hand.resting = hand.gathering = false;
}

void Runner::stop_where_poisoned() {
  for (auto& [where, poison] : poison_) {
    const auto& [generation, partition] = where;
    const auto tail = tails_.find(partition);
    if (poison.told || tail == tails_.end()) continue;
    const auto at = tail->second.at.find(generation);
    if (at == tail->second.at.end() || at->second != poison.place.number - 1) continue;
    poison.told = true;
    FAILPOINT("view-stops");
    parts_.store.stop_view(generation, {poison.place, poison.reason},
                           [this, where = where, stop = poison](Result<bool> stopped) {
                             stop_noted(where, stop, stopped && *stopped);
                           });
  }
}

// Otherwise the database is away, or it stands at another event already, which the registry says soon.
void Runner::stop_noted(std::pair<store::Generation, Partition> where, const Poison& poison, bool noted) {
  if (noted) {
    const FoldedView* folded = generations_.find(where.first);
    const std::string name = folded ? folded->row.view : "?";
    log::error("view {} stops before event {}: {}", name, to_text(poison.place), poison.reason);
    parts_.stopped(name, true);
    return refresh();
  }
  refresh();
  after(kTryAgain, [this, where] {
    if (const auto again = poison_.find(where); again != poison_.end()) again->second.told = false;
    step();
  });
}

}  // namespace skald::views
