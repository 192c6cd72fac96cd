#include "projections/builtin.hpp"

#include "engine/base/check.hpp"
#include "projections/builtin_sources.hpp"
#include "projections/view_loader.hpp"

namespace skald::views {
namespace {

std::vector<View> load_all() {
  std::vector<View> views;
  for (const BuiltinSource& source : builtin_sources()) {
    auto loaded = load_view(source.text, std::string(source.file), nullptr, ViewOrigin::BuiltIn);
    CHECK_THAT(loaded.view, loaded.faults.empty() ? "no fault" : sagas::to_text(loaded.faults.front()));
    views.push_back(std::move(*loaded.view));
  }
  return views;
}

}  // namespace

const std::vector<View>& builtin_views() {
  static const std::vector<View> views = load_all();
  return views;
}

}  // namespace skald::views
