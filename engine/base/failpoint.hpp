// FAILPOINT: a named place where a test can make the process die, stop, wait or fail. In a normal build it is
// nothing at all; with the CMake option SKALD_FAILPOINTS the environment says what happens where
// (tests/faults/README.md):
//
//   SKALD_FAILPOINTS="append-sent=kill@3;call-left=delay(200ms);append-executed=error@2"
//   SKALD_FAILPOINTS_COUNTS=FILE   how often each was passed; survives the process, whatever ends it
//
// Actions are kill (SIGKILL), stop (SIGSTOP), delay(TIME), and error where the place can have one; @k means
// at the k-th pass of this process only, without it: at each.
#pragma once

#ifdef SKALD_FAILPOINTS

#include <string_view>

namespace skald::failpoint {

// Whether the place has to fail.
bool pass(std::string_view name);

}  // namespace skald::failpoint

#define FAILPOINT(name) static_cast<void>(::skald::failpoint::pass(name))
#define FAILPOINT_ERROR(name, failure)           \
  do {                                           \
    if (::skald::failpoint::pass(name)) failure; \
  } while (false)

#else

#define FAILPOINT(name) static_cast<void>(0)
#define FAILPOINT_ERROR(name, failure) static_cast<void>(0)

#endif
