// Whatever an expression says, its evaluation ends soon and within its memory.
#include <doctest/doctest.h>

#include "engine/core/expression/program.hpp"

using namespace skald;
using namespace skald::core;

namespace {

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::string failure(const std::string& text, const Json& root = {}, const Budget& budget = {}) {
  const auto program = Program::compile(text);
  if (!program) return program.error().message;
  const auto result = program->evaluate(root, budget);
  return result ? "no failure" : result.error().message;
}

bool mentions(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

Json list_of(int count) {
  Json::Array items;
  for (int i = 0; i < count; ++i) items.emplace_back(i);
  return items;
}

}  // namespace

TEST_CASE("expression: steps are bounded") {
  const Json hundred = list_of(100);
  // 100^4 outputs.
  CHECK(mentions(failure("[.[] + .[] + .[] + .[]] | length", hundred), "takes more than 400000 steps"));
  CHECK(mentions(failure("last(.[] | .[]?)", hundred, {.steps = 50}), "takes more than 50 steps"));
  CHECK(failure("map(. + 1) | add", hundred) == "no failure");
  CHECK(mentions(failure(". - .", list_of(5000)), "steps"));
  CHECK(mentions(failure("sort", list_of(1000), {.steps = 500}), "steps"));
}

TEST_CASE("expression: no ? catches an exhausted budget") {
  CHECK(mentions(failure("[(.[] + .[] + .[] + .[])?] | length", list_of(100)), "steps"));
  CHECK(mentions(failure("(\"a\" * 1e9)? // 1"), "more than 1048576 bytes"));
}

TEST_CASE("expression: the values that are built are bounded before there is memory for them") {
  CHECK(mentions(failure("\"a\" * 1e9"), "more than 1048576 bytes"));
  CHECK(mentions(failure("\"a\" * 1e300"), "bytes"));
  CHECK(mentions(failure("\"\" * 1e300"), "bytes"));
  CHECK(failure("\"a\" * 1e6 | length") == "no failure");
  CHECK(mentions(failure("\"abcdefgh\"" + repeated(" | . + .", 60)), "bytes"));
  CHECK(mentions(failure("\"abcdefgh\"" + repeated(" | \"\\(.)\\(.)\"", 60)), "bytes"));
  CHECK(mentions(failure("[1]" + repeated(" | . + .", 60)), "more than"));
  CHECK(mentions(failure("[1]" + repeated(" | [., .]", 60)), "more than"));
  CHECK(mentions(failure("1" + repeated(" | {a: ., b: .}", 60)), "more than"));
  CHECK(mentions(failure("[\"abcdefgh\" * 1e5] | [.[], .[], .[], .[], .[], .[], .[], .[], .[], .[]] | add"),
                 "bytes"));
  CHECK(mentions(failure("tojson" + repeated(" | tojson", 60), "\\"), "bytes"));
  CHECK(mentions(failure("[.[]] | join(\"aaaaaaaaaa\")", list_of(100), {.output_bytes = 500}), "bytes"));
}

TEST_CASE("expression: values that are built are no deeper than what the log keeps") {
  CHECK(failure("1" + repeated(" | [.]", 63)) == "no failure");
  CHECK(mentions(failure("1" + repeated(" | [.]", 64)), "deeper than 63 levels"));
  CHECK(mentions(failure("1" + repeated(" | {a: .}", 64)), "deeper than 63 levels"));
}

TEST_CASE("expression: the nesting of the text is bounded, whatever nests") {
  const int many = 20'000 / 2;
  for (const auto& [open, close] :
       std::initializer_list<std::pair<std::string, std::string>>{{"(", ")"},
                                                                  {"[", "]"},
                                                                  {"-", ""},
                                                                  {"{a:", "}"},
                                                                  {"\"\\(", ")\""},
                                                                  {"1+(", ")"},
                                                                  {"map(", ")"},
                                                                  {".[", "]"},
                                                                  {"1//", ""},
                                                                  {"if 1 then ", " end"}}) {
    CAPTURE(open);
    const std::string text = repeated(open, many) + "1" + repeated(close, many);
    const std::string message = failure(text);
    CHECK((mentions(message, "nested too deeply") || mentions(message, "longer than 65536 bytes")));
  }
  CHECK(mentions(failure("if 1 then 1 " + repeated("elif 1 then 1 ", 4000) + "end"), "nested too deeply"));
  for (const std::string link : {"+1", "|1", ",1", ".a", "[]", "?", "==1 and 1"}) {
    CAPTURE(link);
    CHECK(mentions(failure("(.)" + repeated(link, 6000)), "nested too deeply"));
  }
}

TEST_CASE("expression: the deepest expressions that are taken run within a thread's stack") {
  // The longest of each form that compiles. Their outcome does not matter, that they return does.
  for (const std::string link :
       {"+1", "|1", ",1", ".a", "[]", "[]?", "?", "|(.,1)", "|[.,1][]", "+(1,1)", "|first(.,1)", "//1"}) {
    CAPTURE(link);
    int longest = 0;
    for (int length = 1; length <= 600; ++length)
      if (Program::compile("(.)" + repeated(link, length))) longest = length;
    CHECK(longest >= 90);
    const auto program = Program::compile("(.)" + repeated(link, longest)).value();
    const auto result = program.outputs(Json(), {.steps = 20'000});
    CHECK((result.has_value() || !result.error().message.empty()));
  }
}
