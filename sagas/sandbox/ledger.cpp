#include "sagas/sandbox/ledger.hpp"

namespace skald::sandbox {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

Json to_json(const LedgerEntry& entry) {
  return Json::object({{"number", entry.number},
                       {"time", to_rfc3339(entry.time)},
                       {"key", or_null(entry.call.key)},
                       {"operation", to_text(entry.call.operation)},
                       {"attempt", entry.call.attempt},
                       {"saga", or_null(entry.call.saga)},
                       {"sagaName", or_null(entry.call.saga_name)},
                       {"step", or_null(entry.call.step)},
                       {"method", entry.method},
                       {"path", entry.path},
                       {"answer", or_null(entry.answer)},
                       {"effect", entry.effect},
                       {"replayed", entry.replayed},
                       {"fault", or_null(entry.fault)}});
}

}  // namespace skald::sandbox
