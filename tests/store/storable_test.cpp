#include "eventstore/storable.hpp"

#include <doctest/doctest.h>

#include "engine/base/json.hpp"

using namespace skald::store;

TEST_CASE("storable: NUL and lone surrogates are found wherever they stand; their likes are let through") {
  for (const std::string bad :
       {R"("\u0000")", R"({"\u0000":1})", R"("\\\u0000")", R"("\ud800")", R"("\udc00")", R"("\ud800x")",
        R"("\ud800\n")", R"("\uD83D\u0041")", R"("\udc00\ud800")", R"("\ud83d\ude00\ud83d")"}) {
    CAPTURE(bad);
    CHECK(why_unstorable(bad).has_value());
  }
  for (const std::string good :
       {R"("\\u0000")", R"("\\\\u0000")", R"("\u0001")", R"("\ud83d\ude00")", R"("\uD83D\uDE00\uD83D\uDE00")",
        R"("u0000")", R"("\n\t\"")", R"({"a":1})", R"("\)", R"("\u00)", ""}) {
    CAPTURE(good);
    CHECK(!why_unstorable(good).has_value());
  }
  CHECK(!why_unstorable(std::string(kMaxPayloadBytes, ' ')).has_value());
  CHECK(why_unstorable(std::string(kMaxPayloadBytes + 1, ' ')).has_value());
}

TEST_CASE("storable: what could be kept and not be read back is refused, and brackets in a text are none") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels - 1, '[') + R"({"a":"\"[[[{{{"})" + std::string(levels - 1, ']');
  };
  CHECK(!why_unstorable(nested(kMaxPayloadDepth)).has_value());
  CHECK(skald::parse_json(nested(kMaxPayloadDepth)).has_value());
  CHECK(why_unstorable(nested(kMaxPayloadDepth + 1)).has_value());
  CHECK(!skald::parse_json(nested(kMaxPayloadDepth + 1)).has_value());
  CHECK(!why_unstorable("[[" + nested(2) + "]," + nested(kMaxPayloadDepth - 1) + "]").has_value());
}
