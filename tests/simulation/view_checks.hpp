// view_checks: what must hold of the views when a run is over (I11, I12): each stands where the log ends, its
// rows are those of one plain fold of the log, and those of the built-in views are the fate of each saga as
// its events tell it, without any fold.
#pragma once

#include "tests/simulation/checks.hpp"
#include "tests/simulation/faulty_views.hpp"

namespace skald::simulation {

// Tells the surroundings what is violated; gives how many rows there were.
std::size_t check_views(const SharedViews& shared, const Evidence& evidence, const sagas::Catalog& catalog);

// Of all rows of all views.
std::string hash_of(const store::MemoryViews& views);

}  // namespace skald::simulation
