// The examples of LANGUAGE.md and SOUNDNESS.md are what they say they are, and the table of keywords is
// whole.
#include "tests/sagas/page_blocks.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "sagas/definition_loader.hpp"
#include "sagas/services.hpp"
#include "tests/sagas/form_verdict.hpp"

namespace skald::sagas {
namespace {

const std::string kLanguage = SKALD_SOURCE_DIR "/sagas/LANGUAGE.md";
const std::string kSoundness = SKALD_SOURCE_DIR "/sagas/SOUNDNESS.md";

std::string told(std::vector<Fault> faults, int added) {
  std::string text;
  for (Fault& fault : faults) {
    fault.file.clear();
    fault.line -= added;
    text += to_text(fault).substr(1) + '\n';
  }
  return text;
}

std::vector<Fault> faults_of(const PageBlock& block) {
  if (block.services) return load_services(block.text, "", {}).faults;
  if (!block.info.starts_with(" services=")) return load_definition(block.text, "", nullptr).faults;
  const ServiceRegistry registry({Service{block.info.substr(10), "http://127.0.0.1:1", {}, 64, {}, {}, {}}});
  return load_definition(block.text, "", &registry).faults;
}

void check_page(const std::string& path, std::size_t least) {
  const auto blocks = page_blocks(path);
  CHECK_GE(blocks.size(), least);
  for (const PageBlock& block : blocks) {
    CAPTURE(block.text);
    const auto faults = told(faults_of(block), block.added);
    CHECK_EQ(faults, block.faults);
    const bool sound = faults.find(": error: ") == std::string::npos;
    if (sound) CHECK_EQ(form_faults(block.services ? "services" : "saga", block.text), "");
  }
}

// The names of all properties in a schema: "timeout", "retry.jitter", "input.schema".
void gather(const Json& schema, const std::string& prefix, std::set<std::string>& keywords) {
  if (schema.is_array())
    for (const Json& one : schema.as_array()) gather(one, prefix, keywords);
  if (!schema.is_object()) return;
  for (const char* inside : {"anyOf", "allOf", "items", "additionalProperties"})
    if (const Json* more = schema.find(inside)) gather(*more, prefix, keywords);
  const Json* properties = schema.find("properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const Json::Member& property : properties->as_object()) {
    keywords.insert(prefix + property.key);
    gather(property.value, prefix + property.key + ".", keywords);
  }
}

void gather_schema(const std::string& name, std::set<std::string>& keywords) {
  const Json schema = *parse_json(*language_schema(name));
  gather(schema, "", keywords);
  for (const Json::Member& definition : schema.get("definitions").as_object()) {
    const std::string prefix = definition.key == "retryFields" ? "retry" : definition.key;
    gather(definition.value, prefix + ".", keywords);
  }
}

std::string all_tests() {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator(SKALD_SOURCE_DIR "/tests/sagas"))
    if (entry.path().extension() == ".cpp") text += page(entry.path());
  return text;
}

TEST_CASE("pages: every example of LANGUAGE.md is sound") {
  check_page(kLanguage, 15);
  for (const PageBlock& block : page_blocks(kLanguage)) CHECK_EQ(block.faults, "");
}

TEST_CASE("pages: every example of SOUNDNESS.md has exactly the faults that stand below it") {
  check_page(kSoundness, 30);
}

TEST_CASE("pages: the table of keywords has each of them, with tests that there are") {
  const std::string text = page(kLanguage);
  std::istringstream lines(text.substr(text.find("## Every keyword")));
  const std::string tests = all_tests();
  std::set<std::string> listed;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::size_t end = line.find('`', 3);
    const std::string keyword = line.substr(3, end - 3);
    CAPTURE(keyword);
    CHECK(listed.insert(keyword).second);
    std::size_t named = 0;
    for (std::size_t at = line.find("\"", end); at != std::string::npos;
         at = line.find("\"", at + 1), ++named) {
      const std::size_t last = line.find('"', at + 1);
      const std::string test = line.substr(at, last - at + 1);
      CAPTURE(test);
      CHECK_NE(tests.find("TEST_CASE(" + test + ")"), std::string::npos);
      at = last;
    }
    CHECK_GE(named, 1);
  }
  std::set<std::string> wanted;
  for (const char* name : {"saga", "services"}) gather_schema(name, wanted);
  for (const std::string& keyword : wanted) CHECK_MESSAGE(listed.contains(keyword), keyword);
  for (const std::string& keyword : listed) CHECK_MESSAGE(wanted.contains(keyword), keyword);
}

}  // namespace
}  // namespace skald::sagas
