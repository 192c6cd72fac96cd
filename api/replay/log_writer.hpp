// LogWriter: the text of an exported log, line by line, in pieces worth a system call. The same lines always
// give the same text, whose last line says how many events there are and what all the others hash to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/replay/log_lines.hpp"
#include "engine/base/sha256.hpp"

namespace skald::api {

class LogWriter {
 public:
  // Gets the pieces in order; an Error of it ends the text.
  using Write = std::function<Result<void>(const std::string&)>;
  explicit LogWriter(const Write& write) : write_(write) {}

  // The head, every definition and writer that the events may name, and the views.
  Result<void> begin(const LogHead& head, store::Archive& archive);
  Result<void> add(const store::StoredEvent& event);
  Result<void> end();

  std::uint64_t events() const { return events_; }

 private:
  Result<void> line(const std::string& text);
  Result<void> flush();

  const Write& write_;
  std::string piece_;
  Sha256 hash_;
  std::uint64_t events_ = 0;
};

}  // namespace skald::api
