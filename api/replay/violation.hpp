// Violation: something in a database that must not be. `skald replay verify` lists them.
#pragma once

#include <functional>
#include <string>

namespace skald::api {

struct Violation {
  std::string invariant;  // "I4" … of reliability.md; "rows": beside the log
  std::string place;      // "3-17", or a saga and the number of its event: "0198c1f2-… 4"
  std::string detail;     // a sentence
};
using Report = std::function<void(Violation)>;

}  // namespace skald::api
