// Whatever is done to a file, loading it ends, with a definition or with an error, and faults lie inside the
// file.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "engine/base/random.hpp"
#include "sagas/definition_loader.hpp"
#include "tests/sagas/example_texts.hpp"
#include "tests/sagas/recruitment_text.hpp"

namespace skald::sagas {
namespace {

constexpr std::string_view kPieces[] = {"${",         "}",         "\"",
                                        "'",          ": ",        "\n",
                                        "  ",         "\t",        "- ",
                                        "[",          "{",         "]",
                                        "&a",         "*a",        "!!x",
                                        "|-\n",       "#",         "\xff",
                                        "\x01",       "none",      "switch: ",
                                        "parallel: ", "forEach: ", "steps: ",
                                        "when: ",     "true",      "0",
                                        "-1",         "1e999",     ".steps.enroll.output",
                                        ".secrets",   "//",        "pivot: true\n",
                                        "$${",        "\\"};

std::string mutated(std::string text, Random& random) {
  const std::uint64_t changes = 1 + random.below(3);
  for (std::uint64_t i = 0; i < changes; ++i) {
    const std::size_t at = random.below(text.size() + 1);
    const std::size_t length = random.below(3) == 0 ? random.below(30) : random.below(3);
    const std::string_view piece = random.below(4) == 0 ? "" : kPieces[random.below(std::size(kPieces))];
    text.replace(at, length, piece);
  }
  return text;
}

void check_outcome(const std::string& text) {
  const LoadedDefinition loaded = load_definition(text, "f", nullptr);
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  bool has_error = false;
  bool inside = true;
  for (const Fault& fault : loaded.faults) {
    has_error = has_error || !fault.warning;
    inside = inside && fault.line >= 1 && fault.line <= lines && fault.column >= 1 && !fault.message.empty();
  }
  CAPTURE(text);
  CHECK(inside);
  CHECK_NE(has_error, loaded.definition.has_value());
}

// Every kind of step, nested.
constexpr std::string_view kNested = R"(saga: nested
answerAfter: both
startOn: [{ event: Placed, where: "${ .event.data.ok }", input: "${ .event.data }" }]
cancelOn: { event: Withdrawn, until: forever }
steps:
  - id: both
    parallel:
      branches:
        left:
          - { id: paid, waitFor: { event: Paid, where: "${ .event.data.ok }", timeout: 5s, onTimeout: continue } }
          - { id: pause, wait: 1s, compensate: { emit: { event: Woken, data: "${ .steps.paid.output // 1 }" } } }
        right:
          - { id: pack, task: { queue: q, body: 1 }, totalTimeout: 9s, compensate: none }
  - id: way
    switch:
      - when: ${ .input.lines }
        steps:
          - id: lines
            forEach:
              in: ${ .input.lines }
              as: line
              maxConcurrency: 4
              steps: [{ id: child, saga: { name: child, input: "${ .line }" } }]
      - steps: [{ id: refuse, fail: { title: None } }]
  - { id: note, set: { v: "${ .steps.lines.output }" }, pivot: true }
output: ${ .steps.note.output }
)";

constexpr std::string_view kTexts[] = {kRecruitment, kProfessorApplication, kNested};

TEST_CASE("definition: a file that is cut off anywhere is a definition or has an error") {
  for (const std::string_view text : kTexts)
    for (std::size_t length = 0; length <= text.size(); length += 7)
      check_outcome(std::string(text.substr(0, length)));
}

TEST_CASE("definition: a file that is changed at random is a definition or has an error") {
  const char* given = std::getenv("SKALD_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20'261'121;
  CAPTURE(seed);  // SKALD_TEST_SEED=… runs it again
  Random random(seed);
  int definitions = 0;
  constexpr int kRuns = 1'500;
  for (int i = 0; i < kRuns; ++i) {
    const std::string text = mutated(std::string(kTexts[i % std::size(kTexts)]), random);
    check_outcome(text);
    definitions += load_definition(text, "f", nullptr).definition ? 1 : 0;
  }
  // Both outcomes must occur often, or the changes show nothing.
  CHECK_GT(definitions, kRuns / 20);
  CHECK_LT(definitions, kRuns * 19 / 20);
}

}  // namespace
}  // namespace skald::sagas
