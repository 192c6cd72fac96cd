// view_as_of: a view as it was, folded from the log into a table that nobody else sees. It touches nothing
// that is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/error.hpp"
#include "eventstore/view_table.hpp"

namespace skald::api {

// At that time; or when that event had happened and nothing behind it: events have one order, by time,
// partition and position.
using ViewMoment = std::variant<Timestamp, Position>;

struct ViewAsOf {
  std::shared_ptr<const store::ViewTable> table;
  std::uint64_t events = 0;  // that were folded
};
// By key, in PostgreSQL's text, as readings give them.
using TakeRow = std::function<Result<void>(const store::ViewTable& table, std::vector<store::Cell>)>;

// By the definition that is read now (or built, where none is read yet), leaving out what it leaves out.
// NotFound: no such view, no such event. Invalid: a time that has not come. Unavailable: events of that time
// may still come. Conflict: an event does not fit, or is not in the log any more.
Result<ViewAsOf> view_as_of(const std::string& conninfo, const std::string& view, const ViewMoment& moment,
                            const TakeRow& take);

}  // namespace skald::api
