#include "sagas/schema_pattern.hpp"

#include <doctest/doctest.h>

#include <string>

namespace skald::sagas {
namespace {

constexpr std::uint64_t kPlenty = 10'000'000;

bool found(std::string_view pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  REQUIRE_MESSAGE(compiled.has_value(), pattern);
  std::uint64_t budget = kPlenty;
  return compiled->found_in(text, budget);
}

std::string fault_of(std::string_view pattern) {
  const auto compiled = Pattern::compile(pattern);
  return compiled ? "" : compiled.error().message;
}

TEST_CASE("pattern: each construct finds what it should and nothing else") {
  struct Case {
    const char* pattern;
    const char* fits;
    const char* does_not;
  };
  for (const auto& [pattern, fits, does_not] : std::initializer_list<Case>{
           {"abc", "xabcx", "abxc"},
           {"^abc$", "abc", "abc\n"},
           {"a|bc|d", "xbcx", "bxc"},
           {"^(a|b)*$", "abba", "abca"},
           {"^(?:ab)+$", "abab", "aba"},
           {"^(?<year>[0-9]{4})$", "2026", "202"},
           {"^a{2}$", "aa", "aaa"},
           {"^a{2,}$", "aaaa", "a"},
           {"^a{1,3}$", "aaa", "aaaa"},
           {"^a?b+?c*$", "bb", "aab"},
           {"^[a-cx-]+$", "abx-", "ad"},
           {"^[^a-c]$", "d", "b"},
           {"^[\\d_]+$", "12_", "1a"},
           {"^[\\]\\-]+$", "]-", "["},
           {"^\\w+\\s\\d$", "ab_9 1", "a-b 1"},
           {"^\\D\\W\\S$", "a-x", "a-\t"},
           {"\\bcat\\b", "a cat!", "concat"},
           {"\\Bat", "cat", "at"},
           {"^.$", "ä", "\n"},
           {"^.{3}$", "aä😀", "aä"},
           {"^\\u00e4\\x41\\t$", "äA\t", "a"},
           {"^\\ud83d\\ude00\\u{1F600}$", "😀😀", "😀"},
           {"^[α-ω]+$", "λ", "a"},
           {"^\\/\\.\\^\\$$", "/.^$", "/x^$"},
           {"^{a}$", "{a}", "a"},
           {"^(a*)*$", "aaa", "b"},
           {"^(|a)+b$", "aab", "aac"},
           {"^[^]$", "\n", "ab"},
           {"^\\cA$", "\x01", "A"},
       }) {
    CAPTURE(pattern);
    CHECK(found(pattern, fits));
    CHECK_FALSE(found(pattern, does_not));
  }
  CHECK(found("", ""));
  CHECK_FALSE(found("[]", "a"));
}

TEST_CASE("pattern: a fault says what is wrong and where") {
  CHECK(fault_of("a(b") == "this ( is not closed (character 2)");
  CHECK(fault_of("a)b") == "this ) closes nothing (character 2)");
  CHECK(fault_of("a**") == "there is nothing to repeat (character 3)");
  CHECK(fault_of("{2}").find("nothing to repeat") != std::string::npos);
  CHECK(fault_of("^*").find("nothing to repeat") != std::string::npos);
  CHECK(fault_of("[z-a]").find("no sense") != std::string::npos);
  CHECK(fault_of("[a").find("not closed") != std::string::npos);
  CHECK(fault_of("a{3,2}").find("wrong way round") != std::string::npos);
  CHECK(fault_of("a\\").find("lone backslash") != std::string::npos);
  CHECK(fault_of("\\y").find("no such escape") != std::string::npos);
  CHECK(fault_of("\\x4").find("hexadecimal") != std::string::npos);
  CHECK(fault_of("\\ud83dx").find("surrogate") != std::string::npos);
  CHECK(fault_of("(?=a)").find("look-around") != std::string::npos);
  CHECK(fault_of("(?<!a)").find("look-around") != std::string::npos);
  CHECK(fault_of("(a)\\1").find("back-references") != std::string::npos);
  CHECK(fault_of("(?i)a").find("no such kind of group") != std::string::npos);
  CHECK(fault_of("(?").find("no such kind of group") != std::string::npos);
}

TEST_CASE("pattern: its size and nesting are bounded at load") {
  CHECK(fault_of("((a{1000}){1000}){1000}").find("too large") != std::string::npos);
  CHECK(fault_of("(((){1000}){1000}){1000}").find("too large") != std::string::npos);
  CHECK(fault_of("a{1001}").find("at most") != std::string::npos);
  CHECK(fault_of(std::string(2000, '(')).find("too deep") != std::string::npos);
  CHECK(fault_of(std::string(5000, 'a')).find("longer than") != std::string::npos);
}

TEST_CASE("pattern: what makes backtracking matchers explode is linear here") {
  const std::string text = std::string(20'000, 'a') + "!";
  for (const char* pattern : {"^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(a*)*b", "^(a?){20}a{20}$"}) {
    const auto compiled = Pattern::compile(pattern);
    std::uint64_t budget = kPlenty;
    CHECK_FALSE(compiled->found_in(text, budget));
    CHECK(kPlenty - budget < 200 * text.size());
  }
}

TEST_CASE("pattern: a search ends when its budget does") {
  const auto pattern = Pattern::compile("b$");
  std::uint64_t budget = 100;
  CHECK_FALSE(pattern->found_in(std::string(1000, 'a') + "b", budget));
  CHECK(budget == 0);
}

}  // namespace
}  // namespace skald::sagas
