#include "api/replay/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace skald::api {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr std::uint64_t kLookEvery = 64;  // asking the clock costs more than an event
constexpr int kBar = 30;

}  // namespace

Progress::Progress(std::string what, std::string unit, std::uint64_t whole)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      whole_(whole),
      shown_(isatty(STDERR_FILENO) != 0),
      begun_(Clock::now()),
      drawn_(begun_) {}

Progress::~Progress() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::look() {
  next_look_ = done_ + kLookEvery;
  const auto now = Clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  draw();
}

void Progress::draw() const {
  const double seconds = std::chrono::duration<double>(drawn_ - begun_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(done_) / std::max(seconds, 0.001));
  std::string line = "\r\x1b[K" + what_ + " ";
  if (whole_ > 0) {
    const auto filled = static_cast<int>(std::min<std::uint64_t>(done_ * kBar / whole_, kBar));
    line += "[" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBar - filled), '.') + "] ";
  }
  line += std::to_string(done_) + (whole_ > 0 ? " of " + std::to_string(whole_) : "") + " " + unit_ + ", " +
          std::to_string(rate) + "/s";
  if (whole_ > done_ && rate > 0) line += ", " + std::to_string((whole_ - done_) / rate) + " s left";
  std::cerr << line << std::flush;
}

}  // namespace skald::api
