// The lines of an exported log are read back as they were, and what is no such line is refused.
#include "api/replay/log_lines.hpp"

#include <doctest/doctest.h>

namespace skald::api {
namespace {

constexpr Timestamp kTime{1'767'225'600'123'456};

template <class T>
T read_back(const std::string& line) {
  REQUIRE(line.back() == '\n');
  const auto read = log_line_from(std::string_view(line).substr(0, line.size() - 1));
  REQUIRE_MESSAGE(read.has_value(), line);
  REQUIRE(std::holds_alternative<T>(*read));
  CHECK(line_of(std::get<T>(*read)) == line);
  return std::get<T>(*read);
}

store::StoredEvent event(std::string payload) {
  Random random(1);
  return {new_saga_id(kTime, {3}, random), 2, {{3}, 17}, "StepRequested", std::move(payload), kTime, 5};
}

}  // namespace

TEST_CASE("log lines: every kind is read back as it was written") {
  CHECK(read_back<LogHead>(line_of(LogHead{{3, 0, 7}})).heads == std::vector<std::int64_t>{3, 0, 7});
  CHECK(read_back<LogEnd>(line_of(LogEnd{9, "ab"})) == LogEnd{9, "ab"});
  const auto definition = read_back<store::DefinitionRow>(
      line_of(store::DefinitionRow{"order", 2, "abc", "{\"a\":1}", "saga: order\n# Ü\n", kTime}));
  CHECK(definition.source == "saga: order\n# Ü\n");
  CHECK(definition.created_at == kTime);
  const LogView view{"my-page", "view: my-page\n# Ü\n"};
  CHECK(read_back<LogView>(line_of(view)) == view);
  const store::ViewSkip skip{"my-page", "abc", {{3}, 17}, "ann", "no age", kTime};
  CHECK(read_back<store::ViewSkip>(line_of(skip)) == skip);
  CHECK(
      read_back<store::WriterRow>(line_of(store::WriterRow{4, "node", 1, "x", kTime, std::nullopt})).writer ==
      4);
}

TEST_CASE("log lines: a payload keeps every byte, whatever it looks like") {
  for (const char* payload : {"{}", R"({"step":"a","n":1.10,"big":123456789012345678901234567890})",
                              R"({"data":{"data":"}"},"partition":1,"x":"\u00e4 \/"})", R"({ "a" : 1 })"})
    CHECK(read_back<store::StoredEvent>(line_of(event(payload))).payload == payload);
}

TEST_CASE("log lines: what is no line of a log is refused") {
  const std::string good = line_of(event("{}"));
  for (const std::string& bad :
       {std::string("{}"), std::string("[]"), std::string("nonsense"), std::string(""),
        good.substr(0, good.size() - 4), std::string(R"({"skaldLog":{"format":2,"heads":[]}})"),
        std::string(R"({"partition":1,"position":0,"saga":"x","data":{}})"),
        std::string(R"({"partition":-1})"), std::string(R"({"end":{"events":1}})")})
    CHECK_MESSAGE(!log_line_from(bad).has_value(), bad);
}

}  // namespace skald::api
