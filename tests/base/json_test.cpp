#include "engine/base/json.hpp"

#include <doctest/doctest.h>

using namespace skald;

TEST_CASE("json: a document is written back as it was received") {
  for (const char* text : {R"({"b":1,"a":[true,null,-0.5,1.10,1180591620717411303424,"x\ny\"\u0001ü"]})",
                           "9007199254740993", "18446744073709551615", "[]", "{}", "\"\"", "0", "1e+2"})
    CHECK(parse_json(text).value().dump() == text);
}

TEST_CASE("json: what cannot be kept is refused with its place") {
  const auto message = [](std::string text) { return parse_json(text).error().message; };
  CHECK(message("{\"a\":\n tru}").find("line 2, column 5") != std::string::npos);
  CHECK(message(R"({"a":1,"b":2,"a":3})").find("'a' stands twice") != std::string::npos);
  CHECK(message(R"("\u0000")").find("u0000") != std::string::npos);
  CHECK(message(R"("\ud800")").find("surrogate") != std::string::npos);
  CHECK(message("\"\xff\"").find("UTF-8") != std::string::npos);
  CHECK(message(std::string(65, '[') + std::string(65, ']')).find("deeper than 64") != std::string::npos);
  CHECK(parse_json(std::string(64, '[') + std::string(64, ']')).has_value());
  CHECK(message("[1e400]").find("number overflow") != std::string::npos);
  CHECK(parse_json("").has_error());
  CHECK(parse_json("1 2").has_error());
}

TEST_CASE("json: what is told of broken bytes is itself valid UTF-8") {
  for (const char* text : {"\xff\xfe", "{\"a\": \xc3\x28}", "\"\xe2\x82", "[tru\xc3\xa9]"}) {
    const std::string message = parse_json(text).error().message;
    CAPTURE(message);
    CHECK(message.starts_with("line 1, column"));
    CHECK(parse_json(Json(message).dump()).has_value());
  }
}

TEST_CASE("json: members are found in small and in large objects") {
  Json::Object many;
  for (int i = 0; i < 100; ++i) many.append("k" + std::to_string(i), i);
  const Json json{many};
  CHECK(json.find("k57")->as_integer() == 57);
  CHECK(json.find("k100") == nullptr);
  CHECK(parse_json(json.dump()).value() == json);
}

TEST_CASE("json: equality ignores the order of members, canonical text is the same") {
  const Json a = parse_json(R"({"x":1,"y":[{"b":1,"a":2}]})").value();
  const Json b = parse_json(R"({"y":[{"a":2,"b":1}],"x":1.0})").value();
  CHECK(a == b);
  CHECK(a.canonical() == R"({"x":1,"y":[{"a":2,"b":1}]})");
}
