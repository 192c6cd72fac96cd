#include "api/replay/export_log.hpp"

#include <numeric>

#include "api/replay/log_lines.hpp"
#include "api/replay/progress.hpp"
#include "engine/base/sha256.hpp"
#include "eventstore/pg/archive.hpp"
#include "projections/builtin.hpp"

namespace skald::api {
namespace {

constexpr std::size_t kPiece = 256u << 10;

// Gathers lines into pieces worth a system call, and hashes them.
class PieceWriter {
 public:
  explicit PieceWriter(const std::function<Result<void>(const std::string&)>& write) : write_(write) {}

  Result<void> add(const std::string& line) {
    piece_ += line;
    return piece_.size() < kPiece ? Result<void>() : flush();
  }
  Result<void> end(std::uint64_t events) {
    if (auto written = flush(); !written) return written;
    return write_(line_of(LogEnd{events, hash_.hex()}));
  }

 private:
  Result<void> flush() {
    hash_.add(piece_);
    auto written = write_(piece_);
    piece_.clear();
    return written;
  }
  const std::function<Result<void>(const std::string&)>& write_;
  std::string piece_;
  Sha256 hash_;
};

}  // namespace

Result<LogMoved> export_log(const std::string& conninfo,
                            const std::function<Result<void>(const std::string&)>& write) {
  auto archive = store::Archive::open(conninfo);
  if (!archive) return archive.error();
  const auto heads = archive->heads();
  if (!heads) return heads.error();
  // After the heads: whatever the events name is there by now.
  const auto definitions = archive->definitions();
  if (!definitions) return definitions.error();
  const auto views = archive->views();
  if (!views) return views.error();
  const auto skips = archive->view_skips();
  if (!skips) return skips.error();
  const auto writers = archive->writers();
  if (!writers) return writers.error();

  PieceWriter writer(write);
  if (auto done = writer.add(line_of(LogHead{*heads})); !done) return done.error();
  for (const auto& definition : *definitions)
    if (auto done = writer.add(line_of(definition)); !done) return done.error();
  for (const auto& [name, source] : *views)
    if (!views::is_builtin_name(name))  // every Skald has these by itself
      if (auto done = writer.add(line_of(LogView{name, source})); !done) return done.error();
  for (const auto& skip : *skips)
    if (auto done = writer.add(line_of(skip)); !done) return done.error();
  for (const auto& one : *writers)
    if (auto done = writer.add(line_of(one)); !done) return done.error();
  const auto whole = std::accumulate(heads->begin(), heads->end(), std::int64_t{0});
  Progress progress("exporting", "events", static_cast<std::uint64_t>(whole));
  LogMoved moved;
  for (std::uint16_t number = 0; number < heads->size(); ++number) {
    std::int64_t last = 0;
    const auto done =
        archive->events({number}, 0, (*heads)[number], [&](store::StoredEvent event) -> Result<void> {
          if (event.position.number != ++last)
            return unexpected("position " + std::to_string(last) + " of partition " + std::to_string(number) +
                              " is missing: see skald replay verify");
          ++moved.events;
          progress.add();
          return writer.add(line_of(event));
        });
    if (!done) return done.error();
  }
  if (auto done = writer.end(moved.events); !done) return done.error();
  return moved;
}

}  // namespace skald::api
