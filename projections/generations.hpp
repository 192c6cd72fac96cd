// Generations: the registry of views as a runner knows it, with each definition compiled once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eventstore/view_store.hpp"
#include "projections/view.hpp"

namespace skald::views {

struct FoldedView {
  store::ViewGeneration row;
  std::shared_ptr<const View> view;               // null: this version of Skald cannot read it
  std::shared_ptr<const store::ViewTable> table;  // of the view
  std::set<Position> skipped;
  bool can_fold() const { return view && !row.stop; }
};

class Generations {
 public:
  std::int64_t revision() const { return revision_; }
  void update(store::ViewRegistry registry);

  const std::map<store::Generation, FoldedView>& all() const { return all_; }
  const FoldedView* find(store::Generation generation) const;
  // The one of that name that is read; that is being built. None: nullptr.
  const FoldedView* active(std::string_view view) const;
  const FoldedView* building(std::string_view view) const;
  std::vector<std::string> names() const;

 private:
  const FoldedView* find(std::string_view view, bool active) const;
  std::int64_t revision_ = 0;
  std::map<store::Generation, FoldedView> all_;
};

// The view that a kept definition declares: also one of the built-in ones. Null where it cannot be read.
std::shared_ptr<const View> compiled(const std::string& name, const std::string& hash,
                                     const std::string& source);

}  // namespace skald::views
