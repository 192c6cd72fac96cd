// The tables of a service, made when it starts. What is there already stays; a field that was added to the
// declaration becomes a new column.
#pragma once

#include "sagas/sandbox/database.hpp"
#include "sagas/sandbox/declaration.hpp"

namespace skald::sandbox {

Result<void> make_tables(Database& database, const Declaration& declaration);

}  // namespace skald::sandbox
