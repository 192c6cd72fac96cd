// The process's log: one line per event and command, saga id first, always to standard error (standard
// output belongs to data). spdlog stands behind it, and only here.
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace skald::log {

// Called once at start. level: trace, debug, info, warn, error. json: one JSON object per line.
void start(const std::string& level, bool json);
void flush();
// Whether debug lines are wanted: asked before a line is put together on a hot path.
inline bool debugs() {
  return spdlog::should_log(spdlog::level::debug);
}

template <class... Args>
void debug(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::debug(format, std::forward<Args>(args)...);
}
template <class... Args>
void info(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::info(format, std::forward<Args>(args)...);
}
template <class... Args>
void warn(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::warn(format, std::forward<Args>(args)...);
}
template <class... Args>
void error(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::error(format, std::forward<Args>(args)...);
}
template <class... Args>
void critical(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::critical(format, std::forward<Args>(args)...);
}

}  // namespace skald::log
