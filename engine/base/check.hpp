// CHECK states what cannot be otherwise. It is always on: a broken assumption logs its place and stops the
// process, because an engine that goes on with a wrong belief loses or doubles work.
#pragma once

#include <string_view>

namespace skald {

[[noreturn]] void check_failed(std::string_view condition, std::string_view file, int line,
                               std::string_view why);

}  // namespace skald

#define CHECK_THAT(condition, why)                                                \
  do {                                                                            \
    if (!(condition)) ::skald::check_failed(#condition, __FILE__, __LINE__, why); \
  } while (false)
