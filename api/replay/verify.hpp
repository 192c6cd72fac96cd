// verify: the invariants of a whole database, which may be at work meanwhile: the log by itself (I4 to I8),
// the rows beside it, the views (I11, I12). Partition by partition, in bounded memory, without a long
// transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/replay/violation.hpp"
#include "engine/base/error.hpp"

namespace skald::api {

struct Verified {
  std::uint64_t events = 0, sagas = 0, violations = 0;
  std::size_t views = 0;           // that were compared
  std::vector<std::string> notes;  // what was not compared, and why
};

// An Error: it could not be looked at. `view`: only that view, and nothing else.
Result<Verified> verify(const std::string& conninfo, const std::optional<std::string>& view,
                        const Report& report);

}  // namespace skald::api
