// A saga as it was after one of its events, or at a time, folded from its events as far as that. What has
// been told of a time must stay true, so it is told only when no event of that time can come any more: when a
// later one is there (times never fall along a partition), or when every lane is past it.
#pragma once

#include <cstdint>
#include <functional>
#include <variant>

#include "api/http/backend.hpp"

namespace skald::api {

using Moment = std::variant<std::int32_t, Timestamp>;  // the number of an event, or a time

// NotFound: it had not begun, or has fewer events. Invalid: that time has not come. Unavailable: an event of
// that time may still be on its way.
void read_saga_as_of(Backend backend, SagaId id, Moment moment,
                     std::function<void(const Result<runtime::Snapshot>&)> done);

}  // namespace skald::api
