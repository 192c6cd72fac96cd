#include "sagas/yaml.hpp"

#include <doctest/doctest.h>

#include <ctime>

#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

struct Faulty {
  std::string name;
  std::string text;
  const char* place;    // "line:column"
  const char* message;  // a part of the fault
};

std::string first_fault(const std::string& text, YamlLimits limits = {}) {
  FaultList faults("f");
  Yaml::parse(text, faults, limits);
  const auto found = faults.take();
  return found.empty() ? "no fault" : to_text(found.front());
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// A billion texts if the aliases were followed.
std::string alias_bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before +
            repeated(", " + before, 9) + "]\n";
  }
  return text;
}

std::string text_of(Place place) {
  return std::to_string(place.line) + ':' + std::to_string(place.column);
}

Json parsed(const std::string& text) {
  FaultList faults("f");
  const auto document = Yaml::parse(text, faults);
  CAPTURE(text);
  const auto found = faults.take();
  for (const Fault& fault : found) CAPTURE(to_text(fault));
  REQUIRE(document);
  return document->to_json();
}

TEST_CASE("yaml: what is no document of ours is refused at its place") {
  const std::vector<Faulty> rows = {
      {"empty file", "", "1:1", "the file is empty"},
      {"only a comment", "# nothing\n\n", "1:1", "the file is empty"},
      {"anchor", "a: &x 1\n", "1:4", "the anchor '&x' is not part of the language"},
      {"alias without anchor", "a: 1\nb: *x\n", "2:4", "an alias is not part of the language"},
      {"alias bomb", alias_bomb(), "1:5", "the anchor '&a0' is not part of the language"},
      {"anchor on a map", "a: &x\n  b: 1\n", "1:4", "the anchor '&x'"},
      {"tag", "a: 1\nb: !!str 1\n", "2:4", "a tag ('!…') is not part of the language"},
      {"own tag on a map", "a: !foo { b: 1 }\n", "1:4", "a tag"},
      {"the tag that means nothing", "a: ! x\n", "1:4", "a tag"},
      {"broken tag", "a: !<x\n", "1:7", "a tag"},
      {"merge key", "a: { b: 1 }\nc:\n  <<: { d: 1 }\n", "3:3",
       "the merge key '<<' is not part of the language"},
      {"key twice", "a: 1\nb: 2\na: 3\n", "3:1", "the key 'a' stands twice; the first one is in line 1"},
      {"key twice, quoted", "{ \"a\": 1, a: 2 }", "1:11", "the key 'a' stands twice"},
      {"key missing", ": 1\n", "1:1", "a key is missing"},
      {"list as a key", "? [a, b]\n: 1\n", "1:3", "a key is a text"},
      {"map as a key", "{ { a: b }: c }", "1:3", "a key is a text"},
      {"two documents", "a: b\n---\nc: d\n", "2:1", "a second document begins here"},
      {"a map behind a list", "- a\nb: 1\n", "2:1",
       "this does not belong to what stands above it; check the indentation"},
      {"tab for indentation", "a:\n\tb: 1\n", "2:1", "a tab indents this line; indent with spaces"},
      {"tab after spaces", "a:\n  \tb: 1\n", "2:3", "a tab indents this line"},
      {"a key deeper than its neighbours", "a: 1\n b: 2\n", "2:3",
       "a ': ' stands where no key can be; check the indentation"},
      {"a key less deep", "a:\n    b: 1\n  c: 2\n", "3:3", "align it with the keys above"},
      {"an item where none can be", "a: - b\n", "1:4", "a list item '- ' stands where none can be"},
      {"list not closed", "a: [1, 2\n", "1:4", "this list is not closed; add ']'"},
      {"map not closed", "a: { b: 1\n", "1:4", "this map is not closed; add '}'"},
      {"only a bracket", "{\n", "1:1", "this map is not closed"},
      {"bracket too many", "a: ]\n", "1:4", "a bracket is closed that was not opened"},
      {"quote not closed", "a: \"x\nb: 1\n", "1:4", "a quoted text is not closed"},
      {"single quote not closed", "a: 'it''s\n", "1:4", "a quoted text is not closed"},
      {"quote not closed in the last line", "a: 'x", "1:6", "a quoted text is not closed"},
      {"character that cannot begin a text", "a: @x\n", "1:4",
       "a text cannot begin with this character; quote the text"},
      {"unknown escape", "a: \"\\q\"\n", "1:5", "an unknown escape"},
      {"expression in a flow map", "{ path: ${ .saga.id } }", "1:9",
       "YAML takes this expression apart; quote it"},
      {"expression with a map", "a: 1\nbody: ${ { b: .c } }\n", "2:7", "YAML takes this expression apart"},
      {"half a surrogate", "a: \"\\ud83d\"\n", "1:5", "an escape that stands for no character"},
      {"invalid UTF-8", "a: b\nc: \xff\n", "2:4", "this is not UTF-8"},
      {"overlong UTF-8", "a: \xc0\xaf\n", "1:4", "this is not UTF-8"},
      {"a character cut off at the end", "a: \xed\x95", "1:4", "this is not UTF-8"},
      {"UTF-16",
       std::string("\xff\xfe"
                   "a\0:\0",
                   6),
       "1:1", "this is not UTF-8"},
      {"NUL", std::string("a: b\0c\n", 7), "1:5", "a control character (code 0)"},
      {"escape character", "a: \x1b[0m\n", "1:4", "a control character (code 27)"},
      {"NUL as an escape", "a: \"x\\0\"\n", "1:4", "\\u0000"},
      {"infinite number", "a: .inf\n", "1:4", "a number that JSON does not have"},
      {"number beyond a double", "a: 1e999\n", "1:4", "a number too big to keep"},
      {"hexadecimal number beyond 64 bits", "a: 0x10000000000000000\n", "1:4", "a number too big to keep"},
      {"deep lists", repeated("[", 100'000), "1:33", "nested deeper than 64 levels"},
      {"deep maps", repeated("{a: ", 100'000), "1:253", "nested deeper than 64 levels"},
      {"deep items", repeated("- ", 100'000) + "x", "1:129", "nested deeper than 64 levels"},
      {"deep keys", repeated("? ", 100'000), "1:129", "nested deeper than 64 levels"},
      {"too long", std::string((1u << 20) + 1, 'a'), "1:1", "the limit is 1048576"},
      {"columns count characters", "한글: { b: &x 1 }", "1:10", "the anchor '&x'"},
  };
  for (const Faulty& row : rows) {
    CAPTURE(row.name);
    const std::string fault = first_fault(row.text);
    CAPTURE(fault);
    CHECK(fault.starts_with(std::string("f:") + row.place + ": error: "));
    CHECK_NE(fault.find(row.message), std::string::npos);
  }
}

TEST_CASE("yaml: a file of a megabyte is read or refused at once, whatever it holds") {
  const std::vector<std::string> pieces = {"[",     "{",     "? ",  "- ", "a: ",  "[:",        "[a: ", "&a ",
                                           "*a ",   "!",     "|\n", "\"", "'",    "#",         "\n",   "\t",
                                           "---\n", "...\n", "a\n", "a,", "\\\"", ": ",        "<<",   "%\n",
                                           ">",     "[]",    "{},", "\r", "${",   "a: |\n x\n"};
  std::vector<std::string> texts;
  for (const std::string& piece : pieces) {
    texts.push_back(repeated(piece, static_cast<int>((1u << 20) / piece.size())));
    texts.push_back("[" + texts.back().substr(1));
  }
  // Documents of many members, on lines of their own and on one.
  for (const char* separator : {":\n", ": 한글\n", ": \"\\u00e9 x\"\n", ": x, ", ": 'x', "}) {
    std::string text = separator[std::string_view(separator).size() - 1] == '\n' ? "" : "{ ";
    for (int i = 0; text.size() < (1u << 20) - 40; ++i) text += "k" + std::to_string(i) + separator;
    texts.push_back(text[0] == '{' ? text + "}" : text);
  }
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 40));
    const std::clock_t start = std::clock();  // of this process: a busy machine must not fail the test
    first_fault(text);
    // Linear work takes well under a second; a quadratic one would take minutes.
    CHECK_LT((std::clock() - start) / CLOCKS_PER_SEC, 10);
  }
}

TEST_CASE("yaml: plain scalars mean what the core schema of YAML 1.2 says") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"true", "true"},
      {"False", "false"},
      {"TRUE", "true"},
      {"yes", "\"yes\""},
      {"no", "\"no\""},
      {"on", "\"on\""},
      {"y", "\"y\""},
      {"null", "null"},
      {"~", "null"},
      {"Null", "null"},
      {"5", "5"},
      {"-5", "-5"},
      {"+5", "5"},
      {"1.10", "1.10"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1e3", "1e3"},
      {"1.5E+3", "1.5e+3"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"1_000", "\"1_000\""},
      {"12:30", "\"12:30\""},
      {"2026-11-21", "\"2026-11-21\""},
      {"5s", "\"5s\""},
      {"1.2.3", "\"1.2.3\""},
      {"e5", "\"e5\""},
      {"1e", "\"1e\""},
      {"-", "\"-\""},
      {".", "\".\""},
      {"'5'", "\"5\""},
      {"\"true\"", "\"true\""},
      {"''", "\"\""},
      {"99999999999999999999", "99999999999999999999"},
  };
  for (const auto& [text, json] : rows) {
    CAPTURE(text);
    CHECK_EQ(parsed("[" + text + "]").dump(), "[" + json + "]");
  }
}

TEST_CASE("yaml: a number that lost its quotes is a warning") {
  CHECK_EQ(first_fault("phone: 0123\n"),
           "f:1:8: warning: '0123' is the number 123; quote it if it is a text");
  CHECK_EQ(first_fault("a: 0\nb: 0.5\nc: '0123'\n"), "no fault");
}

TEST_CASE("yaml: a JSON document is read as such") {
  const std::string text =
      "{\"a\": [1, 2.50, true, null, \"x\\/\\u00e9 \\ud83d\\ude00 \\\\ud83d\"],\n\t\"b\": {\"c\":{}, "
      "\"d\":[]}}";
  const auto json = parse_json(text);
  REQUIRE(json.has_value());
  CHECK_EQ(parsed(text).dump(), json->dump());
}

TEST_CASE("yaml: lists, maps and blocks keep their order and texts") {
  CHECK_EQ(parsed("b: 1\na:\n  - x\n  -\n  - {}\nc: |-\n  one\n  two\nd: >\n  folded\n  text\n").dump(),
           R"({"b":1,"a":["x",null,{}],"c":"one\ntwo","d":"folded text\n"})");
  CHECK_EQ(parsed("\xEF\xBB\xBF"
                  "a: b\r\nc: d\r\n")
               .dump(),
           R"({"a":"b","c":"d"})");
}

TEST_CASE("yaml: every node knows its place, also by JSON pointer") {
  FaultList faults("f");
  const auto document = Yaml::parse("a: 1\nb:\n  - x\n  - { \"c/d\": 2, 'e~': [3] }\n", faults);
  REQUIRE(document);
  CHECK_EQ(text_of(document->place_of("")), "1:1");
  CHECK_EQ(text_of(document->place_of("/a")), "1:4");
  CHECK_EQ(text_of(document->place_of("/b/0")), "3:5");
  CHECK_EQ(text_of(document->place_of("/b/1/c~1d")), "4:14");
  CHECK_EQ(text_of(document->place_of("/b/1/e~0/0")), "4:24");
  CHECK_EQ(text_of(document->place_of("/b/7/x")), "3:3");  // the nearest that exists: the list
  CHECK_EQ(text_of(document->key_place("b")), "2:1");
  CHECK_EQ(text_of(document->key_place("z")), "1:1");
}

TEST_CASE("yaml: a byte of a text is found again in the file") {
  struct Row {
    const char* text;
    const char* wanted;  // a part of the value of `a`
    const char* place;
  };
  const std::vector<Row> rows = {
      {"a: plain HERE", "HERE", "1:10"},
      {"a: 'it''s HERE'", "HERE", "1:11"},
      {"a: \"\\u00e9\\n\\\\ HERE\"", "HERE", "1:16"},
      {"a: \"한글 HERE\"", "HERE", "1:8"},
      {"a: |-\n  first\n\n  then HERE\n", "HERE", "4:8"},
      {"x: 1\na: |\n    HERE\n", "HERE", "3:5"},
      {"a: >\n  folded\n  HERE\n", "HERE", "2:1"},
      {"a: plain\n  on two HERE\n", "HERE", "1:4"},
      {"a: \"quoted\n  on two HERE\"\n", "HERE", "1:4"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    FaultList faults("f");
    const auto document = Yaml::parse(row.text, faults);
    REQUIRE(document);
    const Yaml a = *document->find("a");
    CHECK_EQ(text_of(a.place_in_text(a.text().find(row.wanted))), row.place);
  }
}

TEST_CASE("yaml reader: what was expected and what was found is said, for every value of a map") {
  FaultList faults("f");
  const auto document = Yaml::parse(
      "wait: [1]\npause: 5\nnone: 0s\ncount: 2.5\nshare: 7\nname: 8\nflag: yes\nsteps: { }\norder: "
      "revers\ntimout: 5s\nodd: 1\n",
      faults);
  REQUIRE(document);
  YamlReader reader(*document, "a thing", faults);
  CHECK_FALSE(reader.duration("wait"));
  CHECK_FALSE(reader.duration("pause"));
  CHECK_FALSE(reader.duration("none"));
  CHECK_FALSE(reader.integer("count", {0, 10}));
  CHECK_FALSE(reader.number("share", {0, 1}));
  CHECK_FALSE(reader.text("name"));
  CHECK_FALSE(reader.boolean("flag"));
  CHECK_FALSE(reader.list("steps"));
  CHECK_FALSE(reader.one_of<int>("order", {{"reverse", 1}, {"parallel", 2}}));
  CHECK_FALSE(reader.duration("timeout"));
  reader.require("saga");
  reader.finish();
  std::string texts;
  for (const Fault& fault : faults.take()) texts += to_text(fault) + '\n';
  CHECK_EQ(
      texts,
      "f:1:1: error: a thing needs 'saga'; add it\n"
      "f:1:7: error: expected a duration like 5s, found a list\n"
      "f:2:8: error: expected a duration like 5s, found the number 5; add a unit: ms, s, m, h or d\n"
      "f:3:7: error: expected a duration longer than nothing, found the text '0s'\n"
      "f:4:8: error: expected a whole number from 0 to 10, found the number 2.5\n"
      "f:5:8: error: expected a number from 0 to 1, found the number 7\n"
      "f:6:7: error: expected a text, found the number 8; quote it: \"8\"\n"
      "f:7:7: error: expected true or false, found the text 'yes'\n"
      "f:8:8: error: expected a list, found a map\n"
      "f:9:8: error: expected reverse or parallel, found the text 'revers'; did you mean \"reverse\"?\n"
      "f:10:1: error: unknown key 'timout' in a thing; did you mean \"timeout\"?\n"
      "f:11:1: error: unknown key 'odd' in a thing; known here: wait, pause, none, count, share, name, flag, "
      "steps, order, timeout, saga\n");
}

}  // namespace
}  // namespace skald::sagas
