// export_log: the whole log as lines, up to the heads it had at the start; import_log: the way back, into an
// empty database. Both hold a line at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include "engine/base/error.hpp"

namespace skald::api {

struct LogMoved {
  std::uint64_t events = 0, sagas = 0;  // sagas: of an import
};

// `write` gets pieces of the text in order; an Error of it ends the export.
Result<LogMoved> export_log(const std::string& conninfo,
                            const std::function<Result<void>(const std::string&)>& write);

// All or nothing: a text that is cut short, changed or out of order leaves the database empty.
Result<LogMoved> import_log(const std::string& conninfo, std::istream& in);

}  // namespace skald::api
