// The routes that every stand-in service has beside its business: GET /_health, GET /_ledger, and GET, PUT
// and DELETE /_faults. They stand in no ledger and no fault hits them.
#pragma once

#include "sagas/sandbox/faults.hpp"
#include "sagas/sandbox/storage.hpp"

namespace skald::sandbox {

bool is_own_route(const Request& request);

Reply health(const Declaration& declaration);
// {items, next}; filtered by ?key= and ?saga=, paged by ?after= and ?limit=.
Reply read_ledger(Storage& storage, const Request& request);
Reply change_faults(Faults& faults, const Request& request);

}  // namespace skald::sandbox
