// The examples of VIEWS.md are what they say they are; its tables of events and of keywords are whole.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "projections/event_words.hpp"
#include "tests/sagas/page_blocks.hpp"
#include "tests/views/view_form.hpp"

namespace skald::views::testing {
namespace {

const std::string kPage = SKALD_SOURCE_DIR "/projections/VIEWS.md";

std::vector<std::string> table_rows(const std::string& heading) {
  std::string text = sagas::page(kPage);
  text = text.substr(text.find("## " + heading));
  std::istringstream lines(text.substr(0, text.find("\n## ")));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  return rows;
}

// What stands between the marks, from `from` on.
std::vector<std::string> quoted(const std::string& line, char mark, std::size_t from = 0) {
  std::vector<std::string> texts;
  for (std::size_t at = line.find(mark, from); at != std::string::npos; at = line.find(mark, at + 1)) {
    const std::size_t end = line.find(mark, at + 1);
    texts.push_back(line.substr(at + 1, end - at - 1));
    at = end;
  }
  return texts;
}

std::string all_tests() {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator(SKALD_SOURCE_DIR "/tests/views"))
    if (entry.path().extension() == ".cpp") text += sagas::page(entry.path());
  return text;
}

void gather(const Json& schema, const std::string& prefix, std::set<std::string>& keywords) {
  const Json* properties = schema.find("properties");
  if (properties == nullptr) return;
  for (const Json::Member& property : properties->as_object()) {
    keywords.insert(prefix + property.key);
    gather(property.value, prefix + property.key + ".", keywords);
  }
}

}  // namespace

TEST_CASE("view pages: every example of VIEWS.md has exactly the faults that stand below it") {
  const auto blocks = sagas::page_blocks(kPage);
  CHECK_GE(blocks.size(), 6);
  for (const sagas::PageBlock& block : blocks) {
    CAPTURE(block.text);
    const std::string faults = faults_of(block.text);
    std::string told;
    std::istringstream lines(faults);
    for (std::string line; std::getline(lines, line);) told += line + '\n';
    CHECK_EQ(told, block.faults);
    CHECK_EQ(sagas::form_faults("view", block.text), "");
  }
}

TEST_CASE("view pages: the table of events has each of them with its fields") {
  std::set<std::string> listed;
  for (const std::string& row : table_rows("Events")) {
    CAPTURE(row);
    const auto words = quoted(row.substr(0, row.find(" | ", row.find(" | ") + 1)), '`');
    auto fields = event_fields(words.front());
    REQUIRE(fields.size() > 3);
    fields.resize(fields.size() - 3);  // type, time and position are said of all
    CHECK(std::vector<std::string>(words.begin() + 1, words.end()) == fields);
    listed.insert(words.front());
  }
  CHECK(listed.size() == event_types().size());
}

TEST_CASE("view pages: the table of keywords has each of them, with tests that there are") {
  const std::string tests = all_tests();
  std::set<std::string> listed;
  for (const std::string& row : table_rows("Every keyword")) {
    CAPTURE(row);
    CHECK(listed.insert(quoted(row, '`').front()).second);
    const auto named = quoted(row, '"');
    CHECK_EQ(named.size(), 2);
    for (const std::string& test : named)
      CHECK_MESSAGE(tests.find("TEST_CASE(\"" + test + "\")") != std::string::npos, test);
  }
  const Json schema = *parse_json(*sagas::language_schema("view"));
  std::set<std::string> wanted;
  gather(schema, "", wanted);
  gather(schema.get("definitions").get("rule"), "rule.", wanted);
  for (const std::string& keyword : wanted) CHECK_MESSAGE(listed.contains(keyword), keyword);
  for (const std::string& keyword : listed) CHECK_MESSAGE(wanted.contains(keyword), keyword);
}

}  // namespace skald::views::testing
