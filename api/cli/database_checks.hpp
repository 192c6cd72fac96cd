// What `skald doctor` looks at in the database: whether it answers, is new enough, has the schema of this
// version, keeps what it acknowledges, and agrees about the time.
#pragma once

#include <string>

#include "api/cli/findings.hpp"

namespace skald::api {

void check_database(const std::string& conninfo, Findings& findings);

}  // namespace skald::api
