// Whether a database has the schema of this version, and lets nodes begin: asked by `skald serve` before it
// begins, and by `skald doctor`.
#pragma once

#include <string>

#include "engine/base/error.hpp"

namespace skald::api {

// Fails with Conflict where it is older or newer, with what to do about it; with Unavailable where it cannot
// be asked.
Result<void> schema_is_current(const std::string& conninfo);

// Fails with Conflict, and what to do, where the database is frozen (`skald log import`). A node that would
// begin all the same could not register: this says so at once, and in words.
Result<void> is_not_frozen(const std::string& conninfo);

}  // namespace skald::api
