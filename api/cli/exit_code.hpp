// What a command tells the shell that called it. Scripts rely on these numbers.
#pragma once

namespace skald::api {

enum class ExitCode {
  Done = 0,
  Unexpected = 1,
  Usage = 2,
  NotFound = 3,
  NotAllowed = 4,
  Conflict = 5,
  Invalid = 6,
  Unreachable = 7,
  Compensated = 10,  // with --wait: how the saga ended
  StuckOrFailed = 11,
  Cancelled = 12
};

}  // namespace skald::api
