// Violation: something in a database that must not be. `skald replay verify` lists them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skald::api {

// A row of a view that is not what the log says.
struct RowDifference {
  std::string view;
  std::vector<std::pair<std::string, std::string>> key;  // column and value
  std::optional<std::string> column;                     // none: the row is missing, or should not be there
  std::optional<std::string> stored, folded;             // of that column
};

struct Violation {
  std::string invariant;  // "I4" … of reliability.md; "rows": beside the log
  std::string place;      // "3-17", or a saga and the number of its event: "0198c1f2-… 4"; "view/key"
  std::string detail;     // a sentence
  std::optional<RowDifference> row = std::nullopt;
};
using Report = std::function<void(Violation)>;

}  // namespace skald::api
