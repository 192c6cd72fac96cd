#include "projections/generations.hpp"

#include "engine/base/log.hpp"
#include "projections/builtin.hpp"
#include "projections/view_loader.hpp"

namespace skald::views {

void Generations::update(store::ViewRegistry registry) {
  std::map<store::Generation, FoldedView> next;
  for (auto& row : registry.generations) {
    FoldedView folded;
    const auto known = all_.find(row.number);
    folded.view = known != all_.end() ? known->second.view : compiled(row.view, row.hash, row.source);
    if (folded.view) folded.table = {folded.view, &folded.view->table};
    folded.skipped.insert(row.skipped.begin(), row.skipped.end());
    const auto number = row.number;
    folded.row = std::move(row);
    next.emplace(number, std::move(folded));
  }
  all_ = std::move(next);
  revision_ = registry.revision;
}

const FoldedView* Generations::find(store::Generation generation) const {
  const auto at = all_.find(generation);
  return at == all_.end() ? nullptr : &at->second;
}

const FoldedView* Generations::find(std::string_view view, bool active) const {
  for (const auto& [number, folded] : all_)
    if (folded.row.view == view && folded.row.active == active) return &folded;
  return nullptr;
}

const FoldedView* Generations::active(std::string_view view) const {
  return find(view, true);
}
const FoldedView* Generations::building(std::string_view view) const {
  return find(view, false);
}

std::vector<std::string> Generations::names() const {
  std::set<std::string> names;
  for (const auto& [number, folded] : all_) names.insert(folded.row.view);
  return {names.begin(), names.end()};
}

std::shared_ptr<const View> compiled(const std::string& name, const std::string& hash,
                                     const std::string& source) {
  for (const View& view : builtin_views())
    if (view.name() == name && view.hash == hash) return {std::shared_ptr<const View>(), &view};
  auto loaded = load_view(source, name, nullptr);
  if (loaded.view) return std::make_shared<const View>(std::move(*loaded.view));
  log::error("the view {} in the database cannot be read by this version: it is not folded", name);
  return nullptr;
}

}  // namespace skald::views
