#include "engine/base/time.hpp"

#include <doctest/doctest.h>

using namespace skald;

TEST_CASE("time: RFC 3339 is read with any offset and written in UTC") {
  CHECK(to_rfc3339(parse_rfc3339("2026-11-21T09:00:00.5+02:00").value()) == "2026-11-21T07:00:00.500000Z");
  CHECK(to_rfc3339({0}) == "1970-01-01T00:00:00Z");
  for (const char* bad :
       {"2026-02-30T00:00:00Z", "2026-11-21", "2026-11-21T25:00:00Z", "2026-11-21T00:00:00", "x"})
    CHECK(parse_rfc3339(bad).has_error());
}

TEST_CASE("time: durations in both forms") {
  const auto ms = [](const char* text) { return parse_duration(text).value().count() / 1000; };
  CHECK(ms("250ms") == 250);
  CHECK(ms("5s") == 5'000);
  CHECK(ms("30d") == 30LL * 86'400'000);
  CHECK(ms("PT5S") == 5'000);
  CHECK(ms("PT0.5S") == 500);
  CHECK(ms("P1DT2H") == 26LL * 3'600'000);
  for (const char* bad :
       {"", "5", "s", "5 s", "-5s", "P", "PT", "P1Y", "P1M", "1h30m", "99999999999999d", "P1DT"})
    CHECK_MESSAGE(parse_duration(bad).has_error(), bad);
  for (const char* text : {"250ms", "90s", "2h", "30d", "0s"})
    CHECK(to_text(parse_duration(text).value()) == text);
}

TEST_CASE("time: an HTTP date is read") {
  CHECK(to_rfc3339(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value()) == "1994-11-06T08:49:37Z");
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT").has_error());
}
