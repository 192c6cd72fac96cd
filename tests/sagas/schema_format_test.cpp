#include "sagas/schema_format.hpp"

#include <doctest/doctest.h>

#include <string>

namespace skald::sagas {
namespace {

TEST_CASE("format: each takes what its RFC allows and refuses what it does not") {
  struct Case {
    const char* format;
    std::initializer_list<const char*> good;
    std::initializer_list<const char*> bad;
  };
  const std::string long_label = std::string(64, 'a') + ".org";
  for (const auto& [name, good, bad] : std::initializer_list<Case>{
           {"date-time",
            {"2026-11-21T07:00:00Z", "2026-11-21t07:00:00.123456789z", "2026-11-21T07:00:00+01:30",
             "1998-12-31T15:59:60-08:00"},
            {"2026-11-21 07:00:00Z", "2026-11-21T07:00:00", "2026-02-29T07:00:00Z", "2026-11-21T24:00:00Z",
             "2026-11-21T07:00:60Z", "2026-11-21T07:00:00.Z", "2026-11-21T07:00:00+1:30", ""}},
           {"date",
            {"2026-11-21", "2024-02-29"},
            {"2026-11-31", "2026-13-01", "2026-1-1", "20261121", "2026-11-21x", ""}},
           {"time",
            {"07:00:00Z", "23:59:60Z", "07:00:00.5-00:00"},
            {"07:00:00", "25:00:00Z", "07:60:00Z", "7:00:00Z", ""}},
           {"email",
            {"ada@example.org", "a.b+c@d", "x@[127.0.0.1]"},
            {"ada", "@b", "a@", "a..b@c", ".a@b", "a b@c", "a@b@c", "a@-b"}},
           {"hostname",
            {"a", "a-1.example.org"},
            {"", "-a", "a-", "a..b", "a.", "ä.org", "a_b", long_label.c_str()}},
           {"ipv4", {"127.0.0.1", "255.255.255.255"}, {"256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", ""}},
           {"ipv6",
            {"::1", "fe80::1:2", "::ffff:1.2.3.4"},
            {"1::2::3", ":::", "12345::", "fe80::1%eth0", ""}},
           {"uri",
            {"http://a.org/b?c=d#e", "urn:x:y", "mailto:a@b", "http://[::1]:8080/", "http://u:p@h"},
            {"/a", "http//a", "http://a b", "http://a/%zz", "http://[::1", "http://a:b/", "a:b#c#d",
             "http://a/[", ""}},
           {"uri-reference", {"", "/a", "../b?c", "//h/p", "#f", "http://a"}, {"a b", "%", "1a:b", "\\a"}},
           {"uuid",
            {"0198c1f2-7a3b-7c4d-8e5f-001122334455", "0198C1F2-7A3B-7C4D-8E5F-001122334455"},
            {"0198c1f27a3b7c4d8e5f001122334455", "0198c1f2-7a3b-7c4d-8e5f-00112233445g", ""}},
           {"json-pointer", {"", "/", "/a~0~1/0"}, {"a", "/~", "/~2"}},
           {"regex", {"a+"}, {"(", "a**"}},
       }) {
    CAPTURE(name);
    const auto* format = find_schema_format(name);
    REQUIRE(format != nullptr);
    for (const char* text : good) CHECK_MESSAGE(format->fits(text), text);
    for (const char* text : bad) CHECK_MESSAGE(!format->fits(text), text);
  }
}

TEST_CASE("format: every format has a test above") {
  CHECK(schema_formats().size() == 12);
}

}  // namespace
}  // namespace skald::sagas
