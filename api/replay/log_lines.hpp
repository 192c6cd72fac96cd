// The lines of an exported log (README.md of this folder): a head, the definitions, the views and what they
// leave out, the writers, the events partition by partition in order of positions, an end that says how many
// there are and what they hash to.
// The same log always gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/error.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {

struct LogHead {
  std::vector<std::int64_t> heads;  // of each partition the position of its last event
  std::int64_t kept_below = 1;      // below it positions may be missing: sagas have left (retention)
  bool operator==(const LogHead&) const = default;
};
struct LogEnd {
  std::uint64_t events = 0;
  std::string sha256;  // of all bytes before this line
  bool operator==(const LogEnd&) const = default;
};
// A view that users have put, as it was written: its rows come from the log.
struct LogView {
  std::string name, source;
  bool operator==(const LogView&) const = default;
};
using LogLine = std::variant<LogHead, store::DefinitionRow, LogView, store::ViewSkip, store::WriterRow,
                             store::StoredEvent, LogEnd>;

// Each ends with its line feed.
std::string line_of(const LogHead& head);
std::string line_of(const store::DefinitionRow& definition);
std::string line_of(const LogView& view);
std::string line_of(const store::ViewSkip& skip);
std::string line_of(const store::WriterRow& writer);
std::string line_of(const store::StoredEvent& event);
std::string line_of(const LogEnd& end);

// An Error says what is wrong with it. An event's payload is taken as its bytes stand, once it is valid JSON.
Result<LogLine> log_line_from(std::string_view line);

}  // namespace skald::api
