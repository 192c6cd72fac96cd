// Prints each definition and services file of the given files (.md: its examples) as one line of JSON: which
// file, which schema it is for, whether the loader finds it sound, and the document. language_differential.py
// asks for it.
#include <algorithm>
#include <iostream>

#include "sagas/definition_loader.hpp"
#include "sagas/services.hpp"
#include "sagas/yaml.hpp"
#include "tests/sagas/page_blocks.hpp"

namespace {

using namespace skald;
using namespace skald::sagas;

bool is_sound(const std::string& text, bool services) {
  const auto faults =
      services ? load_services(text, "", {}).faults : load_definition(text, "", nullptr).faults;
  return std::all_of(faults.begin(), faults.end(), [](const Fault& fault) { return fault.warning; });
}

void print(const std::string& file, const std::string& text, bool services) {
  FaultList faults(file);
  const auto document = Yaml::parse(text, faults);
  if (!document || faults.has_errors()) return;
  std::cout << Json::object({{"file", file},
                             {"schema", services ? "services" : "saga"},
                             {"sound", is_sound(text, services)},
                             {"document", document->to_json()}})
                   .dump()
            << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string file = argv[i];
    if (file.ends_with(".md"))
      for (const PageBlock& block : page_blocks(file)) print(file, block.text, block.services);
    else
      print(file, page(file), file.ends_with("services.yaml"));
  }
}
