// The language, as tables of expression, input and outputs.
#include <doctest/doctest.h>

#include "engine/core/expression/program.hpp"

using namespace skald;
using namespace skald::core;

namespace {

// The outputs as JSON texts joined by spaces, or "error: …".
std::string outputs_of(const std::string& text, const std::string& input) {
  const auto program = Program::compile(text);
  if (!program) return "error: " + program.error().message + " at " + std::to_string(program.error().offset);
  const auto outputs = program->outputs(parse_json(input).value());
  if (!outputs) return "error: " + outputs.error().message;
  std::string joined;
  for (const Json& output : *outputs) joined += (joined.empty() ? "" : " ") + output.dump();
  return joined;
}

struct Row {
  std::string expression;
  std::string input;
  std::string outputs;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CAPTURE(row.input);
    CHECK(outputs_of(row.expression, row.input) == row.outputs);
  }
}

}  // namespace

TEST_CASE("expression: paths read members and items, and null where there is none") {
  check({
      {".", R"({"a":1})", R"({"a":1})"},
      {".a.b[0]", R"({"a":{"b":[7,8]}})", "7"},
      {R"(.a["b c"])", R"({"a":{"b c":1}})", "1"},
      {R"(."b c".d)", R"({"b c":{"d":2}})", "2"},
      {R"(.a."b")", R"({"a":{"b":3}})", "3"},
      {".a.[1]", R"({"a":[1,2]})", "2"},
      {".[-1], .[-3], .[5]", "[1,2]", "2 null null"},
      {".a.b.c", "{}", "null"},
      {".and", R"({"and":1})", "1"},
      {".[]", R"({"b":1,"a":2})", "1 2"},
      {".a[]", R"({"a":[1,2]})", "1 2"},
      {".a?", "1", ""},
      {"[.[] | .a?]", R"([{"a":1},2,{"a":3}])", "[1,3]"},
      {"[.[]?]", "1", "[]"},
      {"(.[0], .[1])[(0, 1)]", "[[1,2],[3,4]]", "1 3 2 4"},
      {".[.[0]]", "[1,5]", "5"},
      {".a", "1", "error: Cannot index number with \"a\" at 0"},
      {"1 + .a.b", R"({"a":[1]})", "error: Cannot index array with \"b\" at 6"},
      {".[.key]", R"({"key":"secret"})", "null"},
      {".[.[0]]", R"(["secret"])", "error: Cannot index array with string at 1"},
      {".[null]", "[1]", "error: Cannot index array with null at 1"},
      {".[]", "null", "error: Cannot iterate over null at 1"},
  });
}

TEST_CASE("expression: literals and construction") {
  check({
      {"1, -1, 1.5, 1e2, .5, null, true, false", "null", "1 -1 1.5 1e2 0.5 null true false"},
      {R"("a\n\"\\\/\u00e9\ud83d\ude00")", "null", R"("a\n\"\\/é😀")"},
      {R"-("x\(1 + 1)y\("z")\(null)\([1, "b"])")-", "null", R"("x2yznull[1,\"b\"]")"},
      {R"-("\(1, 2)-\(3, 4)")-", "null", R"("1-3" "2-3" "1-4" "2-4")"},
      {R"-("a\("b\("c")")")-", "null", R"("abc")"},
      {"[], {}, [1, [2]], [.[] , 3]", "[1,2]", "[] {} [1,[2]] [1,2,3]"},
      {R"-({a: 1, "b c": 2, ("d" + "e"): 3, "x\(1)": 4, if: 5})-", "null",
       R"({"a":1,"b c":2,"de":3,"x1":4,"if":5})"},
      {R"-({a, "b c", "x\(1)"})-", R"({"a":1,"b c":2,"x1":3})", R"({"a":1,"b c":2,"x1":3})"},
      {"{a: (1, 2), b: (3, 4)}", "null", R"({"a":1,"b":3} {"a":1,"b":4} {"a":2,"b":3} {"a":2,"b":4})"},
      {R"({("x", "y"): 1})", "null", R"({"x":1} {"y":1})"},
      {"{a: 1, a: 2}", "null", R"({"a":2})"},
      {"{a: . | . + 1, b: 2 * 3}", "1", R"({"a":2,"b":6})"},
      {"{a: select(false)}", "null", ""},
      {"{(1): 2}", "null", "error: Cannot use number as a key at 0"},
  });
}

TEST_CASE("expression: numbers that pass through unchanged keep their text") {
  check({
      {".", "1.10", "1.10"},
      {"{id: .id}", R"({"id":1180591620717411303424})", R"({"id":1180591620717411303424})"},
      {"[.[] | select(. > 1)] | first", "[9007199254740993]", "9007199254740993"},
      {"null + .", "1.10", "1.10"},
      {". + 0", "1.10", "1.1"},
      {"tostring", "1.10", R"("1.10")"},
      {"(. / 10000, . / 3, . / 100000, . * 1e16, . * 1e17) | tostring", "1",
       R"("0.0001" "0.3333333333333333" "1e-05" "10000000000000000" "1e+17")"},
  });
}

TEST_CASE("expression: precedence is jq's") {
  check({
      {"1 + 2 * 3 - 4 / 2", "null", "5"},
      {"-1 * 2 + 3", "null", "1"},
      {"2 * -1 + 3, 1 - -1", "null", "1 2"},
      {"8 / 2 / 2, 8 - 2 - 2", "null", "2 4"},
      {"1, 2 | . * 10", "null", "10 20"},
      {"true or false and false", "null", "true"},
      {"1 + 1 == 2 and 2 < 3", "null", "true"},
      {"null // false // 3", "null", "3"},
      {"1 // 2 | . + 1", "null", "2"},
      {"[.[] // 9]", "[null,1,false,2]", "[1,2]"},
      {"1 < 2 < 3", "null", "error: comparisons cannot be chained; join them with 'and' at 6"},
  });
}

TEST_CASE("expression: operators on all kinds of values") {
  check({
      {"null + 1, 1 + null, null + null", "null", "1 1 null"},
      {R"("a" + "b", [1] + [2], {a: 1, b: 2} + {a: 3})", "null", R"("ab" [1,2] {"a":3,"b":2})"},
      {"[1, 2, 1, 3] - [1, 4]", "null", "[2,3]"},
      {R"("ab" * 3, "ab" * 0, "ab" * 0.5, "ab" * 2.9, 2 * "ab")", "null",
       R"("ababab" null "ab" "abab" "abab")"},
      {"{a: {b: 1, c: 2}} * {a: {c: 3}, d: 4}", "null", R"({"a":{"b":1,"c":3},"d":4})"},
      {R"("a,b,,c" / ",", "" / ",", "ab" / "")", "null", R"(["a","b","","c"] [] ["a","b"])"},
      {"5 % 3, -5 % 3, 5 % -3, 5.9 % 2.9, 1e19 % 7", "null", "2 -2 2 1 0"},
      {"(1, 2) + (10, 20)", "null", "11 12 21 22"},
      {"[(true, false) and (true, false)], [(true, false) or (true, false)]", "null",
       "[true,false,false] [true,true,false]"},
      {"false and (1 | .a)", "null", "false"},
      {"1 / 0", "null", "error: division by zero at 2"},
      {"1 % 0.5", "null", "error: remainder of a division by zero at 2"},
      {"{} - {}", "null", "error: object and object cannot be subtracted at 3"},
      {"[1] * 2", "null", "error: array and number cannot be multiplied at 4"},
      {R"("a" + 1)", "null", "error: string and number cannot be added at 4"},
      {"1e308 * 10", "null", "error: the result is too large for a number at 6"},
      {R"(-"a")", "null", "error: string cannot be negated at 0"},
  });
}

TEST_CASE("expression: all values have one order") {
  check({
      {"sort", R"([{"a":1},[2],"b",1,true,false,null,[1,2],[1],"B","",{"b":0},{},{"a":0,"b":1}])",
       R"([null,false,true,1,"","B","b",[1],[1,2],[2],{},{"a":1},{"a":0,"b":1},{"b":0}])"},
      {"{a: 1, b: 2} == {b: 2, a: 1.0}", "null", "true"},
      {"1 == 1.0, \"1\" == 1, [] != {}", "null", "true false true"},
      {"null < false, \"a\" >= \"a\", [1] > [0, 5]", "null", "true true true"},
  });
}

TEST_CASE("expression: if takes a branch for every output of its condition") {
  check({
      {"if . > 1 then \"big\" elif . == 1 then \"one\" else \"small\" end", "1", R"("one")"},
      {"if . then 1 end", "null", "null"},
      {"[if (true, false) then (1, 2) else (3, 4) end]", "null", "[1,2,3,4]"},
      {"if 0 then \"yes\" else \"no\" end", "null", R"("yes")"},
      {"if select(false) then 1 else 2 end", "null", ""},
      {"if false then 1 elif false then 2 elif true then 3 end", "null", "3"},
  });
}

TEST_CASE("expression: ? catches what fails inside it and nothing behind it") {
  check({
      {"[(1, .a, 2)?]", "3", "[1]"},
      {"[.[] | (1 / .)?]", "[1,0,2]", "[1,0.5]"},
      {".a? // \"none\"", "1", R"("none")"},
      {"(1?) | .a", "null", "error: Cannot index number with \"a\" at 7"},
      {"[1, 2] | first(.[]?) | . + 1", "null", "2"},
      {"((1 | .a)?), 5", "null", "5"},
  });
}

TEST_CASE("expression: functions") {
  check({
      {"map(length)", R"([null,-3,"aé",[1],{"a":1}])", "[0,3,2,1,1]"},
      {"keys", R"({"b":1,"a":2,"B":3})", R"(["B","a","b"])"},
      {"keys", "[5,6]", "[0,1]"},
      {R"(has("a"), has("b"))", R"({"a":null})", "true false"},
      {"has(0, 1, -1)", "[5]", "true false false"},
      {R"(contains("bar"))", R"("foobar")", "true"},
      {"contains({a: [1]})", R"({"a":[2,1],"b":0})", "true"},
      {"contains([[1], 2])", "[2,[3]]", "false"},
      {R"(startswith("ab"), endswith("bc"), startswith("c"))", R"("abc")", "true true false"},
      {R"(split(", "))", R"("a, b,c")", R"(["a","b,c"])"},
      {R"(join("-"))", R"(["a",null,1,true])", R"("a--1-true")"},
      {R"(join(","))", "[]", R"("")"},
      {"ascii_downcase, ascii_upcase", R"("aÄZ")", R"("aÄz" "AÄZ")"},
      {"map(floor)", "[1.5,-1.5,2]", "[1,-2,2]"},
      {R"(ltrimstr("a"), rtrimstr("b"), ltrimstr("x"), ltrimstr(1))", R"("ab")", R"("b" "a" "ab" "ab")"},
      {R"([.[] | tostring])", R"(["a",1,null,[1,{"b":"c"}]])", R"(["a","1","null","[1,{\"b\":\"c\"}]"])"},
      {"map(tonumber)", R"(["12","-1.5",3,"007","+5",".5","1.","1.10"])", "[12,-1.5,3,7,5,0.5,1,1.10]"},
      {"[.[] | tonumber?]", R"(["","-","1-2","+-1","1e","nan","inf","1e999"," 1","0x1",null,[]])", "[]"},
      {"tojson, (tojson | fromjson)", R"({"a":[1,"x"]})", R"("{\"a\":[1,\"x\"]}" {"a":[1,"x"]})"},
      {"map(type)", R"([null,true,1,"",[],{}])", R"(["null","boolean","number","string","array","object"])"},
      {"map(. * 2)", R"({"a":1,"b":2})", "[2,4]"},
      {"map(., .)", "[1,2]", "[1,1,2,2]"},
      {".[] | select(. > 1)", "[1,2,3]", "2 3"},
      {"select(true, true)", "1", "1 1"},
      {"add", "[1,2,3]", "6"},
      {"add", R"(["a",null,"b"])", R"("ab")"},
      {"add", R"({"a":[1],"b":[2]})", "[1,2]"},
      {"add", "[]", "null"},
      {"any, all", "[true,null]", "true false"},
      {"any(. > 1), all(. > 1), any(.[]; . == 2), all(select(false); .)", "[1,2]", "true false true true"},
      {"any(true, .a; .)", "1", "true"},
      {"min, max", R"([3,"a",1])", R"(1 "a")"},
      {"min, max", "[]", "null null"},
      {"first, last, first(.[]), last(.[])", "[1,2]", "1 2 1 2"},
      {"[first(select(false))], [last(select(false))], first(1, .a)", "1", "[] [null] 1"},
      {"sort, unique, reverse", "[2,1,2]", "[1,2,2] [1,2] [2,1,2]"},
      {"reverse", R"("añb")", R"("bña")"},
      {"map(not)", "[true,null,0]", "[false,true,false]"},
      {"length", "true", "error: boolean has no length at 0"},
      {"tonumber", R"("0x1")", "error: this string is not a number at 0"},
      {"tonumber", R"(" 1")", "error: this string is not a number at 0"},
      {"fromjson", R"("[1")", "error: this string is not one JSON value at 0"},
      {"contains(1)", R"("a")", "error: string cannot be asked whether it contains number at 0"},
      {"sort", "{}", "error: object cannot be sorted, as it is no array at 0"},
      {"1 | startswith(\"a\")", "null", "error: startswith takes strings, not number at 4"},
  });
}

TEST_CASE("expression: equal items keep their order when sorted") {
  check({{"sort", R"([{"b":1,"a":1},1.0,{"a":1,"b":1},1])", R"([1.0,1,{"b":1,"a":1},{"a":1,"b":1}])"}});
}

TEST_CASE("expression: what cannot be read is refused with its place") {
  check({
      {"", "null", "error: a value is expected here, not the end at 0"},
      {"1 +", "null", "error: a value is expected here, not the end at 3"},
      {"(1", "null", "error: ')' is expected here, not the end at 2"},
      {"[1, 2", "null", "error: ']' is expected here, not the end at 5"},
      {"{a: 1", "null", "error: '}' is expected here, not the end at 5"},
      {"{1: 2}", "null",
       "error: a key is expected here, not '1'; it is a name, a string or an expression in ( ) at 1"},
      {"if 1 else 2 end", "null", "error: 'then' is expected here, not 'else' at 5"},
      {"1 2", "null", "error: the expression should end before '2' at 2"},
      {"\"abc", "null", "error: the string does not end at 0"},
      {"\"a\\(1\"", "null", "error: the string does not end at 5"},
      {"\"\\x\"", "null", "error: this escape means nothing; a backslash is written \\\\ at 1"},
      {"\"\\ud83d\"", "null", "error: half of a surrogate pair is no character at 1"},
      {"\"\\u0000\"", "null", "error: \\u0000 cannot be stored at 1"},
      {"\"\xff\"", "null", "error: this string is not valid UTF-8 at 1"},
      {"1e400", "null", "error: this number is too large at 0"},
      {".a = 1", "null", "error: an assignment is not part of the language; to compare, write == at 3"},
      {".a |= 1", "null", "error: an assignment is not part of the language at 3"},
      {"$x", "null", "error: a variable is not part of the language at 0"},
      {"@base64", "null", "error: a format such as @base64 is not part of the language at 0"},
      {"..", "null", "error: recursion with '..' is not part of the language at 0"},
      {"1 # one", "null", "error: a comment is not part of the language at 2"},
      {".[1:2]", "null", "error: a slice is not part of the language at 3"},
      {"reduce .[] as $x (0; 1)", "null", "error: a variable is not part of the language at 14"},
      {"def f: 1; f", "null", "error: 'def' is not part of the language at 0"},
      {"try 1", "null", "error: 'try' is not part of the language; write EXPRESSION? at 0"},
      {". as [a] | 1", "null", "error: the expression should end before 'as' at 2"},
      {"lenght", "null", "error: there is no function 'lenght'; did you mean 'length'? at 0"},
      {"1 | mapp(.)", "null", "error: there is no function 'mapp'; did you mean 'map'? at 4"},
      {"range(5)", "null", "error: there is no function 'range' at 0"},
      {"split", "null", "error: 'split' takes one argument at 0"},
      {"length(1)", "null", "error: 'length' takes no argument at 0"},
      {"any(1; 2; 3)", "null", "error: 'any' takes no argument, one or two at 0"},
      {"é", "null", "error: this character means nothing here at 0"},
  });
}

TEST_CASE("expression: evaluate wants exactly one output") {
  const auto message = [](const char* text) {
    return Program::compile(text).value().evaluate(Json::Array{1, 2}).error().message;
  };
  CHECK(message(".[]") == "the expression gives more than one value; [ … ] around it makes them a list");
  CHECK(message(".[] | select(. > 5)") == "the expression gives no value");
  CHECK(Program::compile("[.[]]").value().evaluate(Json::Array{1, 2}).value().dump() == "[1,2]");
}

TEST_CASE("expression: references are the static paths that are read") {
  const auto references = [](const char* text) {
    const Program program = Program::compile(text).value();
    std::string joined;
    for (const Reference& reference : program.references()) {
      if (!joined.empty()) joined += ' ';
      joined += '/';
      for (const auto& part : reference) joined += part + '/';
    }
    return joined;
  };
  CHECK(references("1 + 2 | tostring") == "");
  CHECK(references(".") == "/");
  CHECK(references("length") == "/");
  CHECK(references(".steps.enroll.output.id") == "/steps/enroll/output/id/");
  CHECK(references(R"(.steps["enroll"]."output")") == "/steps/enroll/output/");
  CHECK(references(".steps | .enroll | .output.id") == "/steps/enroll/output/id/");
  CHECK(references(".input.items[0].id") == "/input/items/");
  CHECK(references(".input.items[] | .id") == "/input/items/");
  CHECK(references(".steps[.input.which].output") == "/steps/ /input/which/");
  CHECK(references("{a: .x.y, b: [.z, .x.y]}") == "/x/y/ /z/");
  CHECK(references("{x} | .x.y") == "/x/");
  CHECK(references(R"-("\(.a) and \(.b.c)")-") == "/a/ /b/c/");
  CHECK(references("if .a then .b else .c end | .d") == "/a/ /b/d/ /c/d/");
  CHECK(references(".a // .b | .c") == "/a/c/ /b/c/");
  CHECK(references(".a | select(.b == 1) | .c") == "/a/b/ /a/c/");
  CHECK(references(".items | map(.id)") == "/items/");
  CHECK(references(".a | has(\"b\")") == "/a/");
  CHECK(references("first(.a) | .b?") == "/a/b/");
  CHECK(Program::compile("1 == 1").value().is_constant());
  CHECK_FALSE(Program::compile(".a == 1").value().is_constant());

  // 2^40 paths, were they all kept.
  std::string many = "(.a,.b)";
  for (int i = 0; i < 40; ++i) many += "|(.a,.b)";
  CHECK(Program::compile(many).value().references().size() <= 200);
}
