// load_view: from the text of a NAME.view.yaml to a view that is checked and compiled, or to every fault of
// the file with its place. The same text always gives the same view; `skald validate`, the API's PUT, the
// file watcher and the built-in views all come through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/view.hpp"
#include "sagas/fault.hpp"

namespace skald::sagas {
class Catalog;
}

namespace skald::views {

struct LoadedView {
  std::optional<View> view;          // none: `faults` holds an error
  std::vector<sagas::Fault> faults;  // errors and warnings, by place
};

// Names that begin with "skald-" are those of built-in views.
enum class ViewOrigin { User, BuiltIn };

// `file` names the text in faults. With a catalog, sagas, steps and events that its definitions do not know
// are warned of: they may come later.
LoadedView load_view(std::string_view text, std::string file, const sagas::Catalog* sagas,
                     ViewOrigin origin = ViewOrigin::User);

}  // namespace skald::views
