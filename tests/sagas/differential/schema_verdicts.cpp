// Reads lines {"schema": …, "values": […]} and answers each with [true, false, …]: whether each value fits. A
// schema that is refused answers with its faults. schema_differential.py compares the answers with
// python3-jsonschema's.
#include <iostream>
#include <string>

#include "sagas/schema.hpp"

namespace {

skald::Json answer(const skald::Json& question) {
  const auto schema = skald::sagas::Schema::compile(question.get("schema"));
  skald::Json::Array verdicts;
  if (!schema) {
    for (const auto& fault : schema.error()) verdicts.push_back(fault.pointer + " " + fault.message);
    return skald::Json::object({{"refused", verdicts}});
  }
  for (const auto& value : question.get("values").as_array())
    verdicts.push_back(schema->validate(value).empty());
  return verdicts;
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto question = skald::parse_json(line);
    if (!question) {
      std::cerr << question.error().message << ": " << line << '\n';
      return 2;
    }
    std::cout << answer(*question).dump() << '\n';
  }
}
