#include "api/replay/log_writer.hpp"

#include "projections/builtin.hpp"

namespace skald::api {
namespace {

constexpr std::size_t kPiece = 256u << 10;

}  // namespace

Result<void> LogWriter::begin(const LogHead& head, store::Archive& archive) {
  const auto definitions = archive.definitions();
  if (!definitions) return definitions.error();
  const auto views = archive.views();
  if (!views) return views.error();
  const auto skips = archive.view_skips();
  if (!skips) return skips.error();
  const auto writers = archive.writers();
  if (!writers) return writers.error();
  if (auto written = line(line_of(head)); !written) return written;
  for (const auto& definition : *definitions)
    if (auto written = line(line_of(definition)); !written) return written;
  for (const auto& [name, source] : *views)
    if (!views::is_builtin_name(name))  // every Skald has these by itself
      if (auto written = line(line_of(LogView{name, source})); !written) return written;
  for (const auto& skip : *skips)
    if (auto written = line(line_of(skip)); !written) return written;
  for (const auto& writer : *writers)
    if (auto written = line(line_of(writer)); !written) return written;
  return {};
}

Result<void> LogWriter::add(const store::StoredEvent& event) {
  ++events_;
  return line(line_of(event));
}

Result<void> LogWriter::end() {
  if (auto written = flush(); !written) return written;
  return write_(line_of(LogEnd{events_, hash_.hex()}));
}

Result<void> LogWriter::line(const std::string& text) {
  piece_ += text;
  return piece_.size() < kPiece ? Result<void>() : flush();
}

Result<void> LogWriter::flush() {
  hash_.add(piece_);
  auto written = write_(piece_);
  piece_.clear();
  return written;
}

}  // namespace skald::api
