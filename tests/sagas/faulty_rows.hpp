// What the tests of faulty definitions share: a row is a text and all the faults that it must have.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sagas/definition_loader.hpp"
#include "tests/sagas/form_verdict.hpp"

namespace skald::sagas {

// A saga of these top-level lines above one good step `a`, which begins in line 2 + their number.
inline std::string with_top(const std::string& lines) {
  return "saga: x\n" + lines + "\nsteps:\n  - id: a\n    http: { service: s, method: GET, path: /a }\n";
}

// A saga whose one step `a` has these further lines, the first of them in line 5, indented by four.
inline std::string with_step(const std::string& lines) {
  return "saga: x\nsteps:\n  - id: a\n    http: { service: s, method: GET, path: /a }\n" + lines + "\n";
}

// A saga whose one step has these lines; the first of them is line 3.
inline std::string with_steps(const std::string& lines) {
  return "saga: x\nsteps:\n" + lines + "\n";
}

inline const std::string kGet = "    http: { service: s, method: GET, path: /a }\n";
inline const std::string kPost = "    http: { service: s, method: POST, path: /a }\n";
inline const std::string kInput =
    "input: { schema: { type: object, additionalProperties: false, properties: { name: { type: string } } } "
    "}\n";

inline std::vector<std::string> faults_of(const std::string& text,
                                          const ServiceRegistry* services = nullptr) {
  std::vector<std::string> texts;
  for (const Fault& fault : load_definition(text, "f", services).faults) texts.push_back(to_text(fault));
  return texts;
}

struct Row {
  std::string text;
  std::vector<std::string> faults;  // all of them: "line:column: error: " and the beginning of the message
};

inline void check(const std::vector<Row>& rows, const ServiceRegistry* services = nullptr) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto found = faults_of(row.text, services);
    std::string all;
    for (const std::string& fault : found) all += fault + '\n';
    CAPTURE(all);
    CHECK_EQ(found.size(), row.faults.size());
    for (std::size_t i = 0; i < std::min(found.size(), row.faults.size()); ++i)
      CHECK(found[i].starts_with("f:" + row.faults[i]));
    const bool sound = std::none_of(found.begin(), found.end(), [](const std::string& fault) {
      return fault.find(": error: ") != std::string::npos;
    });
    if (sound) CHECK_EQ(form_faults("saga", row.text), "");
  }
}

}  // namespace skald::sagas
