#include "api/replay/retain_log.hpp"

#include <algorithm>
#include <filesystem>

#include "api/replay/log_writer.hpp"
#include "api/replay/whole_file.hpp"
#include "engine/base/failpoint.hpp"

namespace skald::api {
namespace {

// "sagas-ended-before-2026-11-14T20-45-00.123456Z.jsonl": no two passes have the same time.
std::string file_in(const std::string& directory, Timestamp ended_before) {
  std::string time = to_rfc3339(ended_before);
  std::replace(time.begin(), time.end(), ':', '-');
  return (std::filesystem::path(directory) / ("sagas-ended-before-" + time + ".jsonl")).string();
}

Result<void> write_leaving(const std::string& conninfo, store::Retention& retention, WholeFile& file) {
  auto archive = store::Archive::open(conninfo);
  if (!archive) return archive.error();
  const auto heads = retention.heads();
  if (!heads) return heads.error();
  const LogWriter::Write write = [&file](const std::string& text) { return file.write(text); };
  LogWriter writer(write);
  if (auto begun = writer.begin({*heads, retention.leaving().below}, *archive); !begun) return begun;
  for (std::uint16_t number = 0; number < heads->size(); ++number) {
    const auto written =
        retention.events({number}, [&](const store::StoredEvent& event) { return writer.add(event); });
    if (!written) return written;
  }
  return writer.end();
}

}  // namespace

Result<Duration> retention_age(const std::string& text) {
  const auto age = parse_duration(text);
  if (!age) return age;
  if (*age < store::kShortestRetention)
    return invalid("sagas stay " + to_text(store::kShortestRetention) +
                   " at least after their end: until then a start with the same key gives the same saga");
  return age;
}

Result<Retained> retain_log(const std::string& conninfo, Duration older_than, const std::string& directory,
                            const std::function<bool()>& again, const store::Retention::Begun& begun) {
  auto retention = store::Retention::begin(conninfo, older_than, store::Retention::Intent::Act, begun);
  if (!retention) return retention.error();
  Retained retained{retention->leaving(), {}, {}};
  if (retained.found.obstacle) return retained;
  if (!directory.empty()) retained.file = file_in(directory, retained.found.ended_before);
  FAILPOINT("retention-begins");

  WholeFile file(retained.file);
  if (!directory.empty()) {
    if (auto opened = file.open(); !opened) return opened.error();
    if (auto written = write_leaving(conninfo, *retention, file); !written) return written.error();
    FAILPOINT("retention-exported");
  }
  const auto exported_to = directory.empty() ? std::nullopt : std::optional(retained.file);
  if (auto copied = retention->copy(exported_to); !copied) return copied.error();
  FAILPOINT("retention-copied");
  // Nothing leaves before its file is on the disk.
  if (!directory.empty())
    if (auto kept = file.keep(); !kept) return kept.error();
  FAILPOINT("retention-exchange-begins");
  const auto left = retention->exchange(again);
  if (!left && left.error().kind == ErrorKind::Conflict && !directory.empty()) file.remove();
  if (!left) return left.error();
  FAILPOINT("retention-committed");
  retained.left = *left;
  return retained;
}

}  // namespace skald::api
