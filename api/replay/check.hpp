// check: which recorded sagas would have taken another way, had they begun with a changed definition.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"
#include "engine/core/definition.hpp"
#include "engine/core/retelling.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {

struct Divergence {
  SagaId saga;
  std::int32_t version = 0;  // of the definition it began with
  std::string status;        // as it stands
  core::Difference difference;
};

struct Checked {
  std::uint64_t sagas = 0, diverged = 0;
  std::vector<std::string> not_compared;  // sentences: what the log cannot tell
};

// `sample` 0: all sagas of that name. An Error: it could not be looked at.
Result<Checked> check(store::Archive& archive, const core::Definition& changed, std::size_t sample,
                      const std::function<void(Divergence)>& report);

}  // namespace skald::api
