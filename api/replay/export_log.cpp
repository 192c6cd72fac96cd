#include "api/replay/export_log.hpp"

#include <numeric>

#include "api/replay/log_writer.hpp"
#include "api/replay/progress.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {

Result<LogMoved> export_log(const std::string& conninfo,
                            const std::function<Result<void>(const std::string&)>& write) {
  auto archive = store::Archive::open(conninfo);
  if (!archive) return archive.error();
  const auto heads = archive->heads();
  if (!heads) return heads.error();
  const auto kept_below = archive->kept_below();
  if (!kept_below) return kept_below.error();

  LogWriter writer(write);
  // After the heads: whatever the events name is there by now.
  if (auto begun = writer.begin({*heads, *kept_below}, *archive); !begun) return begun.error();
  const auto whole = std::accumulate(heads->begin(), heads->end(), std::int64_t{0});
  Progress progress("exporting", "events", static_cast<std::uint64_t>(whole));
  for (std::uint16_t number = 0; number < heads->size(); ++number) {
    std::int64_t last = 0;
    const auto done =
        archive->events({number}, 0, (*heads)[number], [&](store::StoredEvent event) -> Result<void> {
          const std::int64_t missing = std::max(last + 1, *kept_below);
          if (event.position.number > missing)
            return unexpected(
                "position " + std::to_string(missing) + " of partition " + std::to_string(number) +
                " is missing: sagas left meanwhile, and it can be tried again, or see skald replay verify");
          last = event.position.number;
          progress.add();
          return writer.add(event);
        });
    if (!done) return done.error();
  }
  if (auto done = writer.end(); !done) return done.error();
  return LogMoved{writer.events(), 0};
}

}  // namespace skald::api
