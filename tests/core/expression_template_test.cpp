#include <doctest/doctest.h>

#include "engine/core/expression/template.hpp"

using namespace skald;
using namespace skald::core;

namespace {

const char* const kRoot =
    R"({"input":{"name":"Ada","age":36,"ok":true,"none":null,"list":[1,2],"path":"../a b/ü?#%"},"empty":""})";

std::string evaluated(const std::string& source) {
  const auto compiled = Template::compile(parse_json(source).value());
  if (!compiled)
    return "error: " + compiled.error().message + " at " + std::to_string(compiled.error().offset) + " of '" +
           compiled.error().pointer + "'";
  const auto result = compiled->evaluate(parse_json(kRoot).value());
  return result ? result->dump() : "error: " + result.error().message;
}

std::string rendered(const std::string& path) {
  const auto compiled = PathTemplate::compile(path);
  if (!compiled) return "refused: " + compiled.error().message;
  const auto result = compiled->render(parse_json(kRoot).value());
  return result ? *result : "error: " + result.error().message;
}

}  // namespace

TEST_CASE("template: a text that is one expression keeps its type, another takes the results in") {
  CHECK(evaluated(R"("${ .input.age }")") == "36");
  CHECK(evaluated(R"("${ .input.list }")") == "[1,2]");
  CHECK(evaluated(R"("${.input.none}")") == "null");
  CHECK(evaluated(R"("${ .input.age } ")") == R"("36 ")");
  CHECK(evaluated(R"("${ .input.name } is ${ .input.age }, ${ .input.ok }")") == R"("Ada is 36, true")");
  CHECK(evaluated(R"("plain")") == R"("plain")");
  CHECK(evaluated(R"("")") == R"("")");
}

TEST_CASE("template: null, lists and maps cannot be put into a text") {
  CHECK(evaluated(R"("a ${ .input.none }")") == "error: the result is null where a text is needed");
  CHECK(evaluated(R"({"x":["a ${ .input.list }"]})") ==
        "error: /x/0: the result is an array where a text is needed");
  CHECK(evaluated(R"("a ${ .input }")") == "error: the result is an object where a text is needed");
}

TEST_CASE("template: expressions stand anywhere in maps and lists") {
  CHECK(evaluated(R"({"id":"${ .input.name }","a":[1,"${ .input.age }",{"b":"x"}],"c":null})") ==
        R"({"id":"Ada","a":[1,36,{"b":"x"}],"c":null})");
  CHECK(evaluated(R"({"a/b~":{"c":"${ .input.name.x }"}})") ==
        "error: /a~1b~0/c: Cannot index string with \"x\" at 12");
}

TEST_CASE("template: an expression ends at its own brace") {
  CHECK(evaluated(R"("${ {a: {b: 1}} }!")").starts_with("error: the result is an object"));
  CHECK(evaluated(R"("${ {a: {b: .input.age}} }")") == R"({"a":{"b":36}})");
  CHECK(evaluated(R"("<${ \"}\" }${ \"a\\(\"}\" + \"{\")b\" }>")") == R"("<}a}{b>")");
  CHECK(evaluated(R"("${ \"\\\"}\" }")") == R"("\"}")");
  CHECK(evaluated(R"("} ${ 1 } {")") == R"("} 1 {")");
}

TEST_CASE("template: $${ is a literal ${") {
  CHECK(evaluated(R"("$${ .a }")") == R"("${ .a }")");
  CHECK(evaluated(R"({"a":["$${"]})") == R"({"a":["${"]})");
  CHECK(evaluated(R"("$ $5 $$ {} ${ 1 }$")") == R"("$ $5 $$ {} 1$")");
}

TEST_CASE("template: what does not compile names its pointer and place") {
  CHECK(evaluated(R"({"a":[0,"x ${ .b"]})") ==
        "error: the expression does not end: its '}' is missing. In YAML, quote it at 4 of '/a/1'");
  CHECK(evaluated(R"("x ${ \"abc }")") ==
        "error: the expression does not end: its '}' is missing. In YAML, quote it at 4 of ''");
  CHECK(evaluated(R"("x ${ .a + }")") == "error: a value is expected here, not the end at 10 of ''");
  CHECK(evaluated(R"("ab ${ lenght }")") ==
        "error: there is no function 'lenght'; did you mean 'length'? at 6 of ''");
  CHECK(evaluated(R"("${}")") == "error: a value is expected here, not the end at 2 of ''");
  CHECK(evaluated(R"("${ $x }")") == "error: a variable is not part of the language at 3 of ''");
  CHECK(evaluated(R"({"${ .a }":1})").starts_with("error: a key cannot hold an expression"));
}

TEST_CASE("template: evaluate_text gives strings, numbers and booleans as text") {
  const auto text = [](const char* source) {
    return Template::compile(source).value().evaluate_text(parse_json(kRoot).value());
  };
  CHECK(text("${ .input.name }").value() == "Ada");
  CHECK(text("${ .input.age }").value() == "36");
  CHECK(text("${ .input.ok }").value() == "true");
  CHECK(text("x").value() == "x");
  CHECK(text("${ .input.none }").error().message == "the result is null where a text is needed");
  CHECK(text("${ .input.list }").has_error());
}

TEST_CASE("template: references and constants are those of all expressions inside") {
  const auto compiled =
      Template::compile(parse_json(R"({"a":"${ .x.y } ${ .z }","b":["${ .z }"],"c":1})").value()).value();
  CHECK(compiled.references() == std::vector<Reference>{{"x", "y"}, {"z"}});
  CHECK_FALSE(compiled.is_constant());
  CHECK(compiled.source().get("c") == Json(1));
  CHECK(Template::compile(parse_json(R"({"a":"${ 1 + 1 }"})").value()).value().is_constant());
  CHECK(Template().evaluate(Json()).value().is_null());
}

TEST_CASE("template: the whole is bounded, not only each expression") {
  Json::Array items;
  for (int i = 0; i < 10; ++i) items.emplace_back("${ \"a\" * 3e5 }");
  const auto result = Template::compile(items).value().evaluate(Json());
  CHECK(result.error().message == "the expression builds a value of more than 1048576 bytes");
}

TEST_CASE("path: data fills parts of segments, percent-encoded") {
  CHECK(rendered("/applications/${ .input.name }/cancel") == "/applications/Ada/cancel");
  CHECK(rendered("/a/${ .input.path }") == "/a/..%2Fa%20b%2F%C3%BC%3F%23%25");
  CHECK(rendered("/a-${ .input.age }.${ .input.ok }") == "/a-36.true");
  CHECK(rendered("/") == "/");
  CHECK(rendered("/a%20b/c:d@e;f=1/") == "/a%20b/c:d@e;f=1/");
  CHECK(PathTemplate().render(Json()).value() == "/");
}

TEST_CASE("path: data cannot make it another path") {
  CHECK(rendered("/a/${ .empty }/b").starts_with("error: the path /a/${ .empty }/b is given an empty text"));
  CHECK(rendered("/a/${ \"..\" }/b").find("segment '.' or '..'") != std::string::npos);
  CHECK(rendered("/a/.${ \".\" }").find("segment '.' or '..'") != std::string::npos);
  CHECK(rendered("/a/%2e${ \".\" }").find("segment '.' or '..'") != std::string::npos);
  CHECK(rendered("/a/${ \".\" }").find("segment '.' or '..'") != std::string::npos);
  CHECK(rendered("/a/${ .input.none }").starts_with("error: the result is null"));
  CHECK(rendered("/a/${ .input.list }").starts_with("error: the result is an array"));
  CHECK(rendered("/a/${ .input.name }..") == "/a/Ada..");
}

TEST_CASE("path: literal parts are checked when it is compiled") {
  CHECK(rendered("a") == "refused: a path begins with '/'");
  CHECK(rendered("") == "refused: a path begins with '/'");
  CHECK(rendered("${ .input.name }") == "refused: a path begins with '/'");
  CHECK(rendered("/a?b=1").starts_with("refused: a path has no '?'"));
  for (const char* path : {"/a#b", "/a b", "/a\nb", "/a\\b", "/ü", "/a\"b"})
    CHECK(rendered(path) == "refused: a path holds a character that has to be percent-encoded");
  CHECK(rendered("/a%2").starts_with("refused: in a path, '%'"));
  CHECK(rendered("/a%zz").starts_with("refused: in a path, '%'"));
  CHECK(rendered("/a/../b") == "refused: a path has no segment '.' or '..'");
  CHECK(rendered("/a/.%2E") == "refused: a path has no segment '.' or '..'");
  CHECK(rendered("/./a") == "refused: a path has no segment '.' or '..'");
  CHECK(rendered("//evil.example/a") == "refused: a path has no empty segment ('//')");
  CHECK(rendered("/a/${ .b") ==
        "refused: the expression does not end: its '}' is missing. In YAML, quote it");
}
