// Words of the language (language.md) that this version reads but cannot carry out yet. Each is refused where
// it stands: a declared word that does nothing would be a trap. A word leaves these lists with the code
// behind it.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace skald::sagas {

inline constexpr std::array<std::string_view, 10> kKindsToCome = {
    "task", "waitFor", "wait", "switch", "parallel", "forEach", "saga", "emit", "set", "fail"};
inline constexpr std::array<std::string_view, 2> kTopLevelToCome = {"startOn", "cancelOn"};
inline constexpr std::array<std::string_view, 3> kUndoKindsToCome = {"task", "saga", "emit"};

inline std::string not_supported_yet(std::string_view word) {
  return "'" + std::string(word) + "' is part of the language but not supported by this version yet";
}

}  // namespace skald::sagas
