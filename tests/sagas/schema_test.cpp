#include "sagas/schema.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace skald::sagas {
namespace {

Json json(std::string_view text) {
  auto parsed = parse_json(text);
  REQUIRE_MESSAGE(parsed.has_value(), text);
  return *parsed;
}

// "/pointer message" of each fault, one per line.
std::string in_lines(const std::vector<SchemaFault>& faults) {
  std::string lines;
  for (const auto& [pointer, message] : faults)
    lines += (lines.empty() ? "" : "\n") + pointer + " " + message;
  return lines;
}

std::string faults_of(std::string_view schema, std::string_view value) {
  const auto compiled = Schema::compile(json(schema));
  if (!compiled) return "schema: " + in_lines(compiled.error());
  return in_lines(compiled->validate(json(value)));
}

std::string faults_of_schema(std::string_view schema) {
  const auto compiled = Schema::compile(json(schema));
  return compiled ? "" : in_lines(compiled.error());
}

struct Case {
  const char* schema;
  const char* value;
  const char* faults;  // "" where the value fits
};

void check_all(std::initializer_list<Case> cases) {
  for (const auto& [schema, value, faults] : cases) {
    CAPTURE(schema);
    CAPTURE(value);
    CHECK(faults_of(schema, value) == faults);
  }
}

TEST_CASE("schema: true and {} fit everything, false fits nothing") {
  check_all({{"true", "1", ""}, {"{}", "[]", ""}, {"false", "1", " must not be there"}});
}

TEST_CASE("schema: type names what is expected and what came") {
  check_all({
      {R"({"type":"integer"})", R"("1")", " must be an integer, is a string"},
      {R"({"type":"integer"})", "1.5", " must be an integer, is 1.5"},
      {R"({"type":"integer"})", "1.0", ""},
      {R"({"type":"integer"})", "1e300", ""},
      {R"({"type":"integer"})", "12345678901234567890123", ""},
      {R"({"type":"number"})", "1", ""},
      {R"({"type":"number"})", "true", " must be a number, is true"},
      {R"({"type":"boolean"})", "0", " must be true or false, is 0"},
      {R"({"type":"null"})", "false", " must be null, is false"},
      {R"({"type":"object"})", "[]", " must be an object, is an array"},
      {R"({"type":"array"})", "{}", " must be an array, is an object"},
      {R"({"type":["string","null"]})", "null", ""},
      {R"({"type":["string","null"]})", "1", " must be a string or null, is 1"},
  });
}

TEST_CASE("schema: enum and const compare by value, numbers exactly") {
  check_all({
      {R"({"enum":["a","b"]})", R"("b")", ""},
      {R"({"enum":["a","b"]})", R"("c")", R"( must be one of "a", "b", is "c")"},
      {R"({"const":1})", "1.0", ""},
      {R"({"const":1})", "true", " must be 1, is true"},
      {R"({"const":{"a":1,"b":[2]}})", R"({"b":[2.0],"a":1})", ""},
      {R"({"const":9007199254740993})", "9007199254740993", ""},
      {R"({"const":9007199254740993})", "9007199254740992", " must be 9007199254740993, is 9007199254740992"},
      {R"({"const":0})", "-0.0", ""},
  });
}

TEST_CASE("schema: ranges compare the numbers as written, not as doubles") {
  check_all({
      {R"({"minimum":15})", "14", " must be at least 15, is 14"},
      {R"({"minimum":15})", "15", ""},
      {R"({"maximum":1.5})", "1.51", " must be at most 1.5, is 1.51"},
      {R"({"exclusiveMinimum":0})", "0", " must be more than 0, is 0"},
      {R"({"exclusiveMaximum":-1})", "-1.0", " must be less than -1, is -1.0"},
      {R"({"minimum":9007199254740993})", "9007199254740992",
       " must be at least 9007199254740993, is 9007199254740992"},
      {R"({"maximum":9223372036854775807})", "9223372036854775808",
       " must be at most 9223372036854775807, is 9223372036854775808"},
      {R"({"minimum":-1e-5})", "-0.00001", ""},
      {R"({"minimum":10})", "9.9999999999999999999", " must be at least 10, is 9.9999999999999999999"},
      {R"({"minimum":5})", R"("4")", ""},
  });
}

TEST_CASE("schema: multipleOf is exact for decimals") {
  check_all({
      {R"({"multipleOf":0.01})", "19.99", ""},
      {R"({"multipleOf":0.01})", "19.999", " must be a multiple of 0.01, is 19.999"},
      {R"({"multipleOf":7})", "700000000000000000000000000007", ""},
      {R"({"multipleOf":7})", "700000000000000000000000000008",
       " must be a multiple of 7, is 700000000000000000000000000008"},
      {R"({"multipleOf":0.5})", "1e300", ""},
      {R"({"multipleOf":3})", "-9", ""},
      {R"({"multipleOf":3})", "0", ""},
  });
}

TEST_CASE("schema: lengths count characters, not bytes") {
  check_all({
      {R"({"minLength":2})", R"("ä")", " must have at least 2 characters, has 1"},
      {R"({"maxLength":2})", R"("äö")", ""},
      {R"({"maxLength":1})", R"("😀")", ""},
      {R"({"maxLength":1})", R"("ab")", " must have at most 1 character, has 2"},
  });
}

TEST_CASE("schema: a pattern is searched, not matched from the start") {
  check_all({
      {R"({"pattern":"b+"})", R"("abbc")", ""},
      {R"({"pattern":"^b"})", R"("ab")", R"( must match the pattern ^b, is "ab")"},
      {R"({"pattern":"^[a-z]{2,3}$"})", R"("abcd")", R"( must match the pattern ^[a-z]{2,3}$, is "abcd")"},
      {R"({"pattern":"x"})", "1", ""},
  });
}

TEST_CASE("schema: items, additionalItems, contains, uniqueItems and counts of items") {
  check_all({
      {R"({"items":{"type":"string"}})", R"(["a",1,null])",
       "/1 must be a string, is 1\n/2 must be a string, is null"},
      {R"({"items":[{"const":1},{"const":2}]})", "[1,3,9]", "/1 must be 2, is 3"},
      {R"({"items":[true],"additionalItems":{"const":2}})", "[1,3]", "/1 must be 2, is 3"},
      {R"({"items":[true],"additionalItems":false})", "[1,3]", "/1 must not be there"},
      {R"({"contains":{"const":2}})", "[1,2]", ""},
      {R"({"contains":{"const":2}})", "[]", " must hold an item that fits \"contains\""},
      {R"({"uniqueItems":true})", "[1,true,\"1\",[1],{\"a\":1}]", ""},
      {R"({"uniqueItems":true})", "[1,2,1.0]", "/2 equals item 0; the items must differ"},
      {R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1}])",
       "/1 equals item 0; the items must differ"},
      {R"({"uniqueItems":false})", "[1,1]", ""},
      {R"({"minItems":1})", "[]", " must hold at least 1 item, has 0"},
      {R"({"maxItems":1})", "[1,2]", " must hold at most 1 item, has 2"},
  });
}

TEST_CASE("schema: properties, patterns of names, the others, names and counts") {
  check_all({
      {R"({"properties":{"a":{"type":"string"}}})", R"({"a":1,"b":1})", "/a must be a string, is 1"},
      {R"({"required":["a","b"]})", R"({"b":1})", " the property \"a\" is missing"},
      {R"({"properties":{"age":{}},"additionalProperties":false})", R"({"agee":1})",
       "/agee is not a known property; did you mean \"age\"?"},
      {R"({"properties":{"a":{}},"additionalProperties":{"type":"string"}})", R"({"a":1,"b":1})",
       "/b must be a string, is 1"},
      {R"({"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false})",
       R"({"x-a":1,"y":1})", "/x-a must be a string, is 1\n/y is not a known property"},
      {R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})",
       "/abc has a name that does not fit: must have at most 2 characters, has 3"},
      {R"({"minProperties":1})", "{}", " must have at least 1 property, has 0"},
      {R"({"maxProperties":1})", R"({"a":1,"b":2})", " must have at most 1 property, has 2"},
      {R"({"dependencies":{"a":["b"]}})", R"({"a":1})",
       " with \"a\" the property \"b\" is needed too, and missing"},
      {R"({"dependencies":{"a":["b"]}})", "{}", ""},
      {R"({"dependencies":{"a":{"required":["c"]}}})", R"({"a":1})", " the property \"c\" is missing"},
  });
}

TEST_CASE("schema: alternatives say why none fits") {
  check_all({
      {R"({"allOf":[{"minimum":1},{"maximum":-1}]})", "0",
       " must be at least 1, is 0\n must be at most -1, is 0"},
      {R"({"anyOf":[{"type":"string"},{"minimum":3}]})", "3", ""},
      {R"({"anyOf":[{"type":"string"},{"properties":{"a":{"minimum":3}}}]})", R"({"a":2})",
       " fits none of the alternatives: must be a string, is an object; or /a must be at least 3, is 2"},
      {R"({"oneOf":[{"minimum":1},{"minimum":2},{"minimum":3}]})", "2",
       " must fit exactly one of the alternatives, fits 1 and 2"},
      {R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "1", ""},
      {R"({"not":{"type":"string"}})", R"("a")", " fits what \"not\" forbids"},
      {R"({"not":{"type":"string"}})", "1", ""},
      {R"({"if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":2}})", "15",
       " must be a multiple of 10, is 15"},
      {R"({"if":{"minimum":10},"then":{"multipleOf":10},"else":{"multipleOf":2}})", "5",
       " must be a multiple of 2, is 5"},
      {R"({"if":{"minimum":10},"then":false})", "5", ""},
  });
}

TEST_CASE("schema: references reach definitions, the whole, and any schema in between") {
  check_all({
      {R"({"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}})", "1", " must be a string, is 1"},
      {R"({"properties":{"a":{"$ref":"#/definitions/a~1b%25"}},"definitions":{"a/b%":{"type":"string"}}})",
       R"({"a":1})", "/a must be a string, is 1"},
      {R"({"properties":{"a":{"const":1},"b":{"$ref":"#/properties/a"}}})", R"({"b":2})",
       "/b must be 1, is 2"},
      {R"({"type":"object","properties":{"next":{"$ref":"#"}}})", R"({"next":{"next":{"next":3}}})",
       "/next/next/next must be an object, is 3"},
  });
}

TEST_CASE("schema: a pointer escapes slash and tilde") {
  CHECK(faults_of(R"({"properties":{"a/b~c":{"const":1}}})", R"({"a/b~c":2})") == "/a~1b~0c must be 1, is 2");
}

TEST_CASE("schema: what it does not understand is a fault with its place") {
  const std::initializer_list<std::pair<const char*, const char*>> cases = {
      {"1", " must be a schema: an object, true or false"},
      {R"({"typ":"string"})", R"(/typ "typ" is no keyword of JSON Schema draft-07; did you mean "type"?)"},
      {R"({"$defs":{}})", R"(/$defs "$defs" is no keyword of JSON Schema draft-07; it says "definitions")"},
      {R"({"type":"int"})", R"(/type "int" is no type; did you mean "integer"?)"},
      {R"({"type":[]})", "/type must be a type or a list of types"},
      {R"({"type":["string","string"]})", R"(/type "string" stands here twice)"},
      {R"({"properties":{"a":{"minimum":"1"}}})", "/properties/a/minimum must be a number"},
      {R"({"minLength":-1})", "/minLength must be a whole number, 0 or more"},
      {R"({"required":"a"})", "/required must be a list of names"},
      {R"({"required":[1]})", "/required must be a list of names; 1 is none"},
      {R"({"enum":[]})", "/enum must be a list of values, at least one"},
      {R"({"multipleOf":0})", "/multipleOf must be more than 0"},
      {R"({"allOf":[]})", "/allOf must be a list of schemas, at least one"},
      {R"({"items":3})", "/items must be a schema: an object, true or false"},
      {R"({"additionalItems":false})",
       R"(/additionalItems has no effect unless "items" is a list of schemas)"},
      {R"({"then":false})", R"(/then has no effect without "if")"},
      {R"({"if":true})", R"(/if has no effect without "then" or "else")"},
      {R"({"format":"datetime"})",
       R"(/format the format "datetime" is not known; did you mean "date-time"?)"},
      {R"({"pattern":"("})", "/pattern is no pattern: this ( is not closed (character 1)"},
      {R"({"patternProperties":{"[":{}}})",
       "/patternProperties/[ is no pattern: this [ is not closed (character 1)"},
      {R"({"$ref":"other.json"})",
       R"(/$ref must point into this schema ("#/definitions/…"): nothing is fetched from elsewhere)"},
      {R"({"$ref":"#/definitions/a"})", R"(/$ref there is no schema at "#/definitions/a")"},
      {R"({"$ref":"#/definitions/a","minimum":1,"definitions":{"a":{}}})",
       R"(/minimum stands beside "$ref", where draft-07 ignores it; put both into an "allOf")"},
      {R"({"$schema":"https://json-schema.org/draft/2020-12/schema"})",
       "/$schema only draft-07 is understood: http://json-schema.org/draft-07/schema#"},
      {R"({"properties":{"a":{"$id":"x"}}})",
       R"(/properties/a/$id is understood at the top only; refer to "#/definitions/…" instead)"},
      {R"({"uniqueItems":1})", "/uniqueItems must be true or false"},
      {R"({"title":1})", "/title must be a string"},
  };
  for (const auto& [schema, fault] : cases) CHECK(faults_of_schema(schema) == fault);
}

TEST_CASE("schema: annotations are taken and say nothing about the value") {
  CHECK(
      faults_of(
          R"({"$schema":"http://json-schema.org/draft-07/schema#","$id":"http://a/b","$comment":"c","title":"t",
                      "description":"d","default":1,"examples":[1],"readOnly":true,"writeOnly":false})",
          "null") == "");
}

TEST_CASE("schema: all faults of a schema are told at once") {
  CHECK(faults_of_schema(R"({"typ":1,"minimum":"x"})") ==
        "/typ \"typ\" is no keyword of JSON Schema draft-07; did you mean \"type\"?\n/minimum must be a "
        "number");
}

TEST_CASE("schema: a reference that never goes deeper is refused") {
  CHECK(faults_of_schema(R"({"$ref":"#"})").find("without going deeper") != std::string::npos);
  CHECK(faults_of_schema(R"({"definitions":{"a":{"allOf":[{"$ref":"#/definitions/b"}]},
                                            "b":{"not":{"$ref":"#/definitions/a"}}}})")
            .find("without going deeper") != std::string::npos);
  CHECK(faults_of_schema(R"({"anyOf":[{"type":"null"},{"items":{"$ref":"#"}}]})") == "");
}

TEST_CASE("schema: the number of faults is bounded") {
  std::string many = "[0";
  for (int i = 1; i < 1000; ++i) many += ",0";
  const auto schema = Schema::compile(json(R"({"items":{"type":"string"}})"));
  CHECK(schema->validate(json(many + "]")).size() == Schema::kMaxFaults);
}

TEST_CASE(
    "schema: a value that would cost too much is refused, even where a fault is what the schema asks for") {
  // Each level of nesting doubles the work: 2^60 visits, if nobody counted.
  const std::string doubling =
      R"({"anyOf":[{"items":{"$ref":"#"},"maxItems":0},{"items":{"$ref":"#"},"minItems":2}]})";
  const std::string value = std::string(60, '[') + std::string(60, ']');
  CHECK(faults_of(doubling, value) == " is too large to be checked against this schema");
  CHECK(faults_of(R"({"not":)" + std::string(R"({"$ref":"#/definitions/d"},"definitions":{"d":)") +
                      R"({"anyOf":[{"items":{"$ref":"#/definitions/d"},"maxItems":0},)" +
                      R"({"items":{"$ref":"#/definitions/d"},"minItems":2}]}}})",
                  value) == " is too large to be checked against this schema");
}

TEST_CASE("schema: many items are checked for uniqueness in one pass") {
  std::string items = "[0";
  for (int i = 1; i < 100'000; ++i) items += "," + std::to_string(i);
  CHECK(faults_of(R"({"uniqueItems":true})", items + "]") == "");
  CHECK(faults_of(R"({"uniqueItems":true})", items + ",7]") ==
        "/100000 equals item 7; the items must differ");
}

}  // namespace
}  // namespace skald::sagas
