#include "engine/base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>

namespace skald::log {

void start(const std::string& level, bool json) {
  const bool colour = !json && std::getenv("NO_COLOR") == nullptr;
  auto logger = colour ? spdlog::stderr_color_mt("skald") : spdlog::stderr_logger_mt("skald");
  logger->set_level(spdlog::level::from_str(level));
  // The message of a JSON line is written by the caller's format; quotes in it are rare and are left to
  // the reader's tolerance only in text mode.
  logger->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","message":"%v"})"
                           : "%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v",
                      spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

void flush() {
  spdlog::default_logger()->flush();
}

}  // namespace skald::log
