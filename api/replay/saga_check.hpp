// What must hold of one saga (invariants I4, I5, I7, I8), and of the rows beside the log that can be rebuilt
// from it.
#pragma once

#include "api/replay/violation.hpp"
#include "eventstore/pg/archive.hpp"
#include "sagas/catalog.hpp"

namespace skald::api {

// `saga` as it stands at one moment, its events in order of version.
void check_saga(const store::KeptSaga& saga, const sagas::Catalog& catalog, const Report& report);

}  // namespace skald::api
