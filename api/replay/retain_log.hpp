// retain_log: ended sagas that are older than an age leave the log (eventstore/pg/retention.hpp), written to
// a file of their own before, if so wished, in the form of an exported log. `skald log retain` and the node's
// RetentionThread.
#pragma once

#include <functional>
#include <string>

#include "engine/base/error.hpp"
#include "eventstore/pg/retention.hpp"

namespace skald::api {

// "30d": how long sagas stay after their end, at least store::kShortestRetention.
Result<Duration> retention_age(const std::string& text);

struct Retained {
  store::Leaving found;
  store::Left left;  // nothing, where `found` has an obstacle
  std::string file;  // empty: nothing was exported
};

// `directory`: where the file goes; empty: none is written. `again`: see store::Retention::exchange. An Error
// means that nothing left, and then there is no file; or that nobody knows, and then there is one.
Result<Retained> retain_log(const std::string& conninfo, Duration older_than, const std::string& directory,
                            const std::function<bool()>& again, const store::Retention::Begun& begun = {});

}  // namespace skald::api
