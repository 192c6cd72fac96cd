// What every file of the language must be before it is read at all: valid UTF-8 of bounded length without
// control characters; and the place of a byte in it.
#pragma once

#include <cstddef>
#include <string_view>

#include "sagas/fault.hpp"

namespace skald::sagas {

// False where the text cannot be read; the fault names the first offending byte.
bool check_source_text(std::string_view text, std::size_t max_bytes, FaultList& faults);

// The place of byte `offset`; the end of the text where it lies behind it.
Place place_at(std::string_view text, std::size_t offset);

}  // namespace skald::sagas
