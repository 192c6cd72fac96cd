// Cursor: where the next page of a list begins, as an opaque text for clients. It holds the last id of the
// page (keyset), so what is started meanwhile neither shifts nor doubles a row.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.hpp"
#include "engine/base/ids.hpp"

namespace skald::api {

std::string cursor_after(const SagaId& last);
Result<SagaId> read_cursor(std::string_view cursor);

}  // namespace skald::api
