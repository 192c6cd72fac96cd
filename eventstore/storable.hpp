// What a payload may not contain although PostgreSQL's json type would take it: one such row makes
// `data->>'x'` fail for every reader of the table. Checked before each append, by every implementation of the
// log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "eventstore/log.hpp"

namespace skald::store {

// Far above the largest body the API takes, far below what a row can hold.
inline constexpr std::size_t kMaxPayloadBytes = JsonLimits{}.max_bytes;
// As deep as parse_json() reads: what lay deeper would be kept, and no node could ever read it back.
inline constexpr std::size_t kMaxPayloadDepth = JsonLimits{}.max_depth;

// Why these bytes must not enter the log, or nothing. Looks for \u0000, lone surrogates, depth and size; the
// rest (syntax, UTF-8) is the database's to refuse.
std::optional<std::string> why_unstorable(std::string_view payload);
std::optional<std::string> why_unstorable(const Append& append);

}  // namespace skald::store
