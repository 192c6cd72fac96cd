// A small whole view, of which tests change a part.
#pragma once

#include <algorithm>
#include <string>

#include "projections/view_loader.hpp"
#include "tests/sagas/form_verdict.hpp"

namespace skald::views::testing {

// One rule, given as the lines behind "  - ".
inline std::string with_rule(const std::string& rule) {
  return "view: v\n"
         "key: { id: \"${ .saga.id }\" }\n"
         "columns: { id: uuid, a: text, n: integer, m: numeric, t: timestamptz, l: jsonb, b: boolean }\n"
         "rules:\n"
         "  - " +
         rule + "\n";
}
inline constexpr int kRuleLine = 5;

// The top level, with a rule that sets a.
inline std::string with_top(const std::string& key, const std::string& columns,
                            const std::string& more = {}) {
  return "view: v\nkey: " + key + "\ncolumns: " + columns +
         "\nrules:\n  - { event: SagaStarted, set: { a: x } }\n" + more;
}

inline std::string faults_of(const std::string& text, const sagas::Catalog* sagas = nullptr) {
  std::string told;
  for (const auto& fault : load_view(text, "f", sagas).faults) told += sagas::to_text(fault).substr(2) + '\n';
  return told;
}

inline bool has_error(const std::string& faults) {
  return faults.find(": error: ") != std::string::npos;
}

}  // namespace skald::views::testing
