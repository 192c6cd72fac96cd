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

const std::string kTests = SKALD_SOURCE_DIR "/tests/";

// A text that is written over several lines becomes one.
std::string joined(const std::string& source) {
  std::string text;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const std::size_t next = source.find_first_not_of(" \n", at + 1);
    if (source[at] == '"' && next != std::string::npos && source[next] == '"')
      at = next;
    else
      text += source[at];
  }
  return text;
}

// All tests of these folders of tests/.
std::string tests_of(const std::vector<std::string>& areas) {
  std::string text;
  for (const std::string& area : areas)
    for (const auto& entry : std::filesystem::directory_iterator(kTests + area))
      if (entry.path().extension() == ".cpp") text += joined(page(entry.path()));
  return text;
}

void check_test(const std::string& tests, const std::string& name) {
  CAPTURE(name);
  CHECK_NE(tests.find('"' + name + "\")"), std::string::npos);
}

// The texts between the delimiters.
std::vector<std::string> texts_in(const std::string& cell, char delimiter) {
  std::vector<std::string> texts;
  for (std::size_t first = cell.find(delimiter); first != std::string::npos;) {
    const std::size_t last = cell.find(delimiter, first + 1);
    REQUIRE_NE(last, std::string::npos);
    texts.push_back(cell.substr(first + 1, last - first - 1));
    first = cell.find(delimiter, last + 1);
  }
  return texts;
}

std::string last_word(const std::string& keyword) {
  return keyword.substr(keyword.rfind('.') + 1);
}

// "a_case_is_taken": a story whose definition has the word; "e2e/tasks_test: test_…": a test on real
// processes.
void check_behaviour(const std::string& name, const std::string& keyword) {
  CAPTURE(name);
  if (const std::size_t colon = name.find(": "); colon != std::string::npos) {
    const std::string file = kTests + name.substr(0, colon) + ".py";
    REQUIRE(std::filesystem::exists(file));
    CHECK_NE(page(file).find("def " + name.substr(colon + 2) + "("), std::string::npos);
  } else {
    const std::string file = kTests + "scenarios/" + name + ".txt";
    REQUIRE(std::filesystem::exists(file));
    const std::string story = page(file);
    const std::string definition = story.substr(0, story.find("\n---\n"));
    CHECK_NE(definition.find(last_word(keyword) + ":"), std::string::npos);
  }
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
  const std::string readers = tests_of({"sagas"}), runners = tests_of({"core", "runtime", "api"});
  std::set<std::string> listed;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string keyword = line.substr(3, line.find('`', 3) - 3);
    CAPTURE(keyword);
    CHECK(listed.insert(keyword).second);
    const std::size_t does = line.rfind('|', line.size() - 2);
    const std::string reading = line.substr(0, does), doing = line.substr(does);
    for (const std::string& test : texts_in(reading, '"')) check_test(readers, test);
    for (const std::string& test : texts_in(doing, '"')) check_test(runners, test);
    for (const std::string& name : texts_in(doing, '`')) check_behaviour(name, keyword);
    CHECK_GE(texts_in(reading, '"').size(), 1);
    CHECK_GE(texts_in(doing, '"').size() + texts_in(doing, '`').size(), 1);
  }
  std::set<std::string> wanted;
  for (const char* name : {"saga", "services"}) gather_schema(name, wanted);
  for (const std::string& keyword : wanted) CHECK_MESSAGE(listed.contains(keyword), keyword);
  for (const std::string& keyword : listed) CHECK_MESSAGE(wanted.contains(keyword), keyword);
}

}  // namespace
}  // namespace skald::sagas
