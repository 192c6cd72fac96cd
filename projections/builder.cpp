#include "projections/builder.hpp"

#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"

namespace skald::views {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWhileBuilding = 100ms, kOtherwise = 1s;
// Two generations stand at one place for an instant only; after so many looks their rows are not compared.
constexpr int kCompareTries = 20, kCompared = kCompareTries + 1;
// A reader that has just learned of a generation must find its table still.
constexpr Duration kKeepRetired = 10s;
constexpr int kDropEvery = 5;  // looks

}  // namespace

Builder::Builder(store::ViewStore& store, Runner& runner,
                 std::function<void(Duration, std::function<void()>)> after)
    : store_(store), runner_(runner), after_(std::move(after)) {}

void Builder::open() {
  look();
}

void Builder::look() {
  if (busy_) return;
  busy_ = true;
  std::vector<store::Generation> building;
  for (const auto& [generation, folded] : runner_.generations().all())
    if (!folded.row.active && folded.can_fold()) building.push_back(generation);
  build(std::move(building));
}

void Builder::build(std::vector<store::Generation> left) {
  while (!left.empty() && !runner_.generations().find(left.back())) left.pop_back();
  if (left.empty()) {
    std::vector<store::Generation> active;
    for (const auto& [generation, folded] : runner_.generations().all())
      if (folded.row.active && folded.view && shown_[folded.row.view] != generation)
        active.push_back(generation);
    return show(std::move(active));
  }
  const FoldedView& folded = *runner_.generations().find(left.back());
  left.pop_back();
  const auto next = [this, left = std::move(left)] { build(left); };
  if (!folded.row.indexed) return index(folded, next);
  if (compared_[folded.row.number] < kCompareTries) return compare(folded, next);
  switch_to(folded, next);
}

void Builder::index(const FoldedView& folded, std::function<void()> next) {
  store_.progress(folded.row.number, [this, folded, next](Result<store::ViewProgress> progress) {
    if (!progress || !progress->filled) return next();
    FAILPOINT("view-filled");
    store_.make_indexes(folded.row.number, folded.view->table, [this, next](Result<bool> made) {
      FAILPOINT("view-indexes-made");
      if (!made) log::warn("the indexes of a view wait: {}", made.error().message);
      runner_.refresh(next);
    });
  });
}

void Builder::compare(const FoldedView& folded, std::function<void()> next) {
  store_.compare(folded.row.number, folded.view->table, [this, folded, next](Result<bool> compared) {
    int& tries = compared_[folded.row.number];
    tries = compared && *compared ? kCompared : tries + 1;
    if (tries < kCompareTries) return next();
    FAILPOINT("view-compared");
    switch_to(folded, next);
  });
}

void Builder::switch_to(const FoldedView& folded, std::function<void()> next) {
  FAILPOINT("view-switch-begins");
  store_.switch_to(folded.row.number, [this, folded, next](Result<bool> switched) {
    if (!switched || !*switched) return next();
    FAILPOINT("view-switched");
    log::info("view {}: generation {} is read from here on", folded.row.view, folded.row.number);
    runner_.refresh([this, number = folded.row.number, next] {
      const FoldedView* now = runner_.generations().find(number);
      if (now && now->row.rows_different.value_or(0) > 0)
        log::warn(
            "view {}: {} rows differed from those of the generation before, which was folded from the "
            "same definition",
            now->row.view, *now->row.rows_different);
      next();
    });
  });
}

void Builder::show(std::vector<store::Generation> left) {
  if (left.empty()) return drop();
  const FoldedView* folded = runner_.generations().find(left.back());
  left.pop_back();
  if (!folded) return show(std::move(left));
  const std::string name = folded->row.view;
  store_.show(folded->view->table,
              [this, name, generation = folded->row.number, left = std::move(left)](Result<bool> shown) {
                if (shown) shown_[name] = generation;
                show(left);
              });
}

void Builder::drop() {
  if (runner_.generations().all().empty() || ++looks_ % kDropEvery != 0) return ended();
  FAILPOINT("view-drop-begins");
  store_.drop_retired(kKeepRetired, [this](Result<std::int32_t>) { ended(); });
}

void Builder::ended() {
  busy_ = false;
  bool building = false;
  for (const auto& [generation, folded] : runner_.generations().all())
    building = building || (!folded.row.active && folded.can_fold());
  std::erase_if(compared_, [this](const auto& entry) { return !runner_.generations().find(entry.first); });
  after_(building ? kWhileBuilding : kOtherwise, [this] { look(); });
}

}  // namespace skald::views
