#include "api/replay/view_comparison.hpp"

#include <algorithm>

#include "api/replay/fresh_fold.hpp"
#include "eventstore/pg/scratch_view.hpp"

namespace skald::api {
namespace {

// So few events are left to fold when the moment is held at which rows are compared: it is not held for long.
constexpr std::int64_t kNear = 5'000;
// A view that moves on faster than it is followed is compared all the same.
constexpr int kRounds = 20;
// Of views that are rebuilt again and again while they are looked at.
constexpr int kTries = 3;
// Of a value in a sentence.
constexpr std::size_t kLongest = 200;

std::string shortened(const store::Cell& cell) {
  if (!cell) return "null";
  return cell->size() <= kLongest ? "'" + *cell + "'" : "'" + cell->substr(0, kLongest) + "…";
}

std::string events_text(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " event" : " events");
}

std::string sentence_of(const store::ViewDifference& found) {
  switch (found.kind) {
    case store::ViewDifference::Kind::Missing: return "the row is missing";
    case store::ViewDifference::Kind::TooMuch: return "the row should not be there";
    case store::ViewDifference::Kind::Value: break;
  }
  return found.column + " is " + shortened(found.kept) + " and should be " + shortened(found.folded);
}

Violation violation_of(const store::ViewTable& table, const store::ViewDifference& found) {
  RowDifference row{table.view, {}, std::nullopt, found.kept, found.folded};
  std::string place = table.view;
  for (std::size_t i = 0; i < found.key.size(); ++i) {
    row.key.emplace_back(table.columns[i].name, found.key[i]);
    place += "/" + found.key[i];
  }
  if (found.kind == store::ViewDifference::Kind::Value) row.column = found.column;
  return {"I11", std::move(place), sentence_of(found), std::move(row)};
}

// One generation of a view against a fold of its own.
class Comparison {
 public:
  Comparison(ViewLog& log, store::ScratchView scratch, views::FoldedView view, const Report& report)
      : log_(log),
        scratch_(std::move(scratch)),
        view_(view),
        report_(report),
        fold_(log, std::move(view), [this](const auto& changes) { return scratch_.merge(changes); }) {}

  // False: another generation took its place meanwhile.
  Result<bool> run(std::vector<std::string>& notes) {
    if (const auto gone = check_none_gone(); !gone) return gone.error();
    for (int round = 0; round < kRounds; ++round) {
      const auto before = fold_.events();
      if (const auto there = follow(); !there || !*there) return there;
      if (fold_.events() - before <= kNear) break;
    }
    if (auto held = scratch_.hold_moment(); !held) return held.error();
    if (const auto there = follow(); !there || !*there) return there;
    if (const auto gone = check_none_gone(); !gone) return gone.error();
    check_places();
    if (const auto& poison = fold_.poison()) {
      report_({"I11", view_.row.view,
               "its checkpoint is behind event " + to_text(poison->place) +
                   ", which a fresh fold cannot take in: " + poison->reason,
               std::nullopt});
      return true;
    }
    const auto compared =
        scratch_.compare(view_.row.number, [&](const store::ViewDifference& found) -> Result<void> {
          report_(violation_of(*view_.table, found));
          return {};
        });
    if (!compared) return compared.error();
    tell_state(notes);
    return true;
  }

 private:
  // Up to where it stands. First the checkpoints, then the events that are left out: one that a checkpoint
  // has passed was left out before.
  Result<bool> follow() {
    auto places = scratch_.places(view_.row.number);
    if (!places) return places.error();
    places_ = std::move(*places);
    const auto generations = log_.generations();
    if (!generations) return generations.error();
    const auto* now = generations->find(view_.row.number);
    if (!now) return false;
    view_ = *now;
    fold_.know_better(*now);
    std::vector<std::int64_t> positions;
    for (const auto& [checkpoint, head] : places_)
      positions.push_back(std::min(checkpoint.value_or(0), head));
    if (auto folded = fold_.go_to(positions); !folded) return folded.error();
    return true;
  }

  Result<void> check_none_gone() {
    const auto gone = log_.tells_of_the_gone(view_.row.number);
    if (!gone) return gone.error();
    return *gone ? Result<void>(conflict("it tells of sagas that have left the log")) : Result<void>();
  }

  void check_places() {
    for (std::size_t partition = 0; partition < places_.size(); ++partition) {
      const auto& [checkpoint, head] = places_[partition];
      const std::string name = "partition " + std::to_string(partition);
      if (!checkpoint)
        report_({"I12", view_.row.view, "there is no checkpoint of " + name, std::nullopt});
      else if (*checkpoint > head)
        report_({"I12", view_.row.view,
                 "the checkpoint of " + name + " is " + std::to_string(*checkpoint) +
                     ", and the log ends at " + std::to_string(head),
                 std::nullopt});
    }
  }

  void tell_state(std::vector<std::string>& notes) const {
    std::int64_t behind = 0;
    for (const auto& [checkpoint, head] : places_)
      behind += std::max<std::int64_t>(head - checkpoint.value_or(0), 0);
    const std::string name = "view " + view_.row.view;
    if (view_.row.stop)
      notes.push_back(name + " stands stopped before event " + to_text(view_.row.stop->place) + " (" +
                      view_.row.stop->reason + "); compared as far as it came");
    else if (behind > 0)
      notes.push_back(name + " is " + events_text(behind) + " behind the log; compared as far as it came");
    if (!view_.skipped.empty())
      notes.push_back(name + " leaves out " + events_text(static_cast<std::int64_t>(view_.skipped.size())) +
                      ", as somebody decided");
  }

  ViewLog& log_;
  store::ScratchView scratch_;
  views::FoldedView view_;
  const Report& report_;
  FreshFold fold_;
  std::vector<store::ViewPlace> places_;
};

class ViewsComparison {
 public:
  ViewsComparison(const std::string& conninfo, ViewLog log, const Report& report)
      : conninfo_(conninfo), log_(std::move(log)), report_(report) {}

  Result<ViewsCompared> run(const std::optional<std::string>& wanted) {
    const auto generations = log_.generations();
    if (!generations) return generations.error();
    auto names = generations->names();
    if (wanted && std::find(names.begin(), names.end(), *wanted) == names.end())
      return not_found("there is no view '" + *wanted + "'");
    for (const auto& name : names) {
      if (wanted && name != *wanted) continue;
      if (auto done = compare(name); !done) return done.error();
    }
    return std::move(compared_);
  }

 private:
  Result<void> compare(const std::string& name) {
    for (int tries = 0; tries < kTries; ++tries) {
      const auto generations = log_.generations();
      if (!generations) return generations.error();
      const auto* active = generations->active(name);
      if (const auto* building = generations->building(name)) tell_building(*building, active != nullptr);
      if (!active) return {};
      if (!active->view) {
        note("view " + name + " cannot be read by this version; not compared");
        return {};
      }
      const auto done = compare_one(*active);
      if (!done) return done.error();
      if (*done) return {};
    }
    note("view " + name + " was replaced again and again while it was looked at; not compared");
    return {};
  }

  Result<bool> compare_one(const views::FoldedView& view) {
    auto scratch = store::ScratchView::make(conninfo_, *view.table);
    if (!scratch) return scratch.error();
    Comparison comparison(log_, std::move(*scratch), view, report_);
    const auto done = comparison.run(compared_.notes);
    if (!done && done.error().kind == ErrorKind::Conflict) {
      note("view " + view.row.view + ": " + done.error().message + "; not compared");
      return true;
    }
    if (done && *done) ++compared_.views;
    return done;
  }

  void tell_building(const views::FoldedView& building, bool is_rebuild) {
    std::string what = "view " + building.row.view +
                       (is_rebuild ? " is being rebuilt beside the one that is read"
                                   : " is being filled for the first time");
    if (building.row.stop)
      what += ", and stands stopped before event " + to_text(building.row.stop->place) + " (" +
              building.row.stop->reason + ")";
    note(what + (is_rebuild ? "; only the one that is read is compared" : "; not compared"));
  }

  void note(std::string sentence) {
    if (std::find(compared_.notes.begin(), compared_.notes.end(), sentence) == compared_.notes.end())
      compared_.notes.push_back(std::move(sentence));
  }

  const std::string& conninfo_;
  ViewLog log_;
  const Report& report_;
  ViewsCompared compared_;
};

}  // namespace

Result<ViewsCompared> compare_views(const std::string& conninfo, const std::optional<std::string>& view,
                                    const Report& report) {
  auto log = ViewLog::open(conninfo);
  if (!log) return log.error();
  return ViewsComparison(conninfo, std::move(*log), report).run(view);
}

}  // namespace skald::api
