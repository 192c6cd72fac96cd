// What a payload may not contain although PostgreSQL's json type would take it: one such row makes
// `data->>'x'` fail for every reader of the table. Checked before each append, by every implementation of the
// log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/log.hpp"

namespace skald::store {

// Far above the largest body the API takes, far below what a row can hold.
inline constexpr std::size_t kMaxPayloadBytes = 16u << 20;

// Why these bytes must not enter the log, or nothing. Looks for \u0000, lone surrogates and size; the rest
// (syntax, UTF-8) is the database's to refuse.
std::optional<std::string> why_unstorable(std::string_view payload);
std::optional<std::string> why_unstorable(const Append& append);

}  // namespace skald::store
