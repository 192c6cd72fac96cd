// steps_view: a view over the sagas of the simulator, by definition and step: rows that many sagas of many
// partitions write at the same time, with every fold that may be in such a row. The built-in views have the
// others.
#pragma once

#include "projections/view.hpp"

namespace skald::simulation {

// Its columns requested, done, failed and undone count what their names say.
const views::View& steps_view();

}  // namespace skald::simulation
