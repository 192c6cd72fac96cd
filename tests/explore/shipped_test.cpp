// Everything that Skald ships, and every definition of the stories and pages, explored: no surprise, within a
// bound, and no history that the second reading of the rules forbids.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/core/legal_log.hpp"
#include "tests/explore/explored.hpp"
#include "tests/sagas/page_blocks.hpp"

namespace skald::sagas {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = SKALD_SOURCE_DIR;
constexpr std::size_t kMostForShipped = 10'000;

// Every log that the walk comes by.
void check_legal(const core::Definition& definition, const std::string& name) {
  WalkOptions options;
  options.most_situations = 3'000;
  std::string fault;
  options.witness = [&](const core::Definition& walked, const std::vector<core::Event>& log) {
    if (fault.empty()) fault = core::testing::fault_in(walked, log);
  };
  const Exploration found = explore(definition, options);
  CHECK_MESSAGE(fault.empty(), name, ": ", fault);
  CHECK_MESSAGE(found.faults.empty(), name, ": ", found.faults.empty() ? "" : found.faults.front());
}

std::vector<fs::path> saga_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
    if (entry.path().string().ends_with(".saga.yaml")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST_CASE("explore: no shipped system has a surprise, and each is small") {
  const auto files = saga_files("sagas/systems");
  REQUIRE_GE(files.size(), 1);
  for (const fs::path& file : files) {
    CAPTURE(file.filename().string());
    const core::Definition definition = loaded(text_of(file));
    const Exploration found = explore(definition);
    CAPTURE(exploration_text(found, file.filename()));
    CHECK_FALSE(found.surprises());
    CHECK_FALSE(found.most_troubles.has_value());
    CHECK(found.not_reached.empty());
    CHECK(found.unmade.empty());
    CHECK_LT(found.situations, kMostForShipped);
    check_legal(definition, file.filename());
  }
}

TEST_CASE("explore: the definitions of the tests have no surprise") {
  for (const fs::path& file : saga_files("tests/e2e/definitions")) {
    const core::Definition definition = loaded(text_of(file));
    const Exploration found = explore(definition);
    CHECK_MESSAGE(!found.surprises(), exploration_text(found, file.filename()));
    check_legal(definition, file.filename());
  }
}

TEST_CASE("explore: the examples of LANGUAGE.md have no surprise but those that they are about") {
  std::size_t explored = 0;
  for (const PageBlock& block : page_blocks(kRoot / "sagas/LANGUAGE.md")) {
    if (block.services) continue;
    const core::Definition definition = loaded(block.text);
    const Exploration found = explore(definition);
    CHECK_MESSAGE(!found.surprises(), block.text, exploration_text(found, definition.name));
    CHECK(found.complete);
    check_legal(definition, block.text);
    ++explored;
  }
  CHECK_GE(explored, 15);
}

// Stories are about what goes wrong, so surprises are theirs; what no saga may do is not.
TEST_CASE("explore: no definition of a story has a history that the rules forbid") {
  std::size_t explored = 0;
  for (const auto& entry : fs::directory_iterator(kRoot / "tests/scenarios")) {
    if (entry.path().extension() != ".txt") continue;
    const std::string text = text_of(entry.path());
    const auto definition = load_definition(text.substr(0, text.find("\n---\n") + 1), "", nullptr).definition;
    REQUIRE_MESSAGE(definition.has_value(), entry.path().filename().string());
    check_legal(*definition, entry.path().filename());
    ++explored;
  }
  CHECK_GE(explored, 60);
}

}  // namespace
}  // namespace skald::sagas
