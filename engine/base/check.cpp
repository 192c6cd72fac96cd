#include "engine/base/check.hpp"

#include <cstdlib>

#include "engine/base/log.hpp"

namespace skald {

void check_failed(std::string_view condition, std::string_view file, int line, std::string_view why) {
  log::critical("{}:{}: '{}' does not hold: {}", file, line, condition, why);
  log::flush();
  std::abort();
}

}  // namespace skald
