// Progress: how far a long command is, on a terminal only; scripts and files see nothing of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace skald::api {

class Progress {
 public:
  // "exported", in `unit` ("events"). `whole` 0: unknown.
  Progress(std::string what, std::string unit, std::uint64_t whole);
  ~Progress();

  void add(std::uint64_t count = 1) {
    done_ += count;
    if (shown_ && done_ >= next_look_) look();
  }
  std::uint64_t done() const { return done_; }

 private:
  void look();
  void draw() const;

  std::string what_, unit_;
  std::uint64_t whole_, done_ = 0, next_look_ = 0;
  bool shown_;
  std::chrono::steady_clock::time_point begun_, drawn_;
};

}  // namespace skald::api
