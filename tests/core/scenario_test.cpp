// Plays every story of tests/scenarios. SKALD_REWRITE=1 writes what came of them back into the files, to be
// read as a change before it is committed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/core/scenario.hpp"

namespace skald::core::testing {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(SKALD_SOURCE_DIR) / "tests/scenarios"))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// The first line that differs, so that a failure says where to look.
std::string first_difference(const std::string& expected, const std::string& actual) {
  std::istringstream left(expected), right(actual);
  std::string a, b;
  for (int line = 1;; ++line) {
    const bool more_left = static_cast<bool>(std::getline(left, a)),
               more_right = static_cast<bool>(std::getline(right, b));
    if (!more_left && !more_right) return "";
    if (!more_left) a = "(end of file)";
    if (!more_right) b = "(end of file)";
    if (a != b) return "line " + std::to_string(line) + "\n  written: " + a + "\n  played:  " + b;
  }
}

}  // namespace

TEST_CASE("scenarios: every story goes as it is written") {
  const auto files = scenario_files();
  REQUIRE(files.size() >= 25);
  for (const fs::path& file : files) {
    SUBCASE(file.stem().c_str()) {
      const std::string written = read(file);
      const std::string played = play_scenario(written, file.filename());
      if (std::getenv("SKALD_REWRITE"))
        std::ofstream(file) << played;
      else
        CHECK_MESSAGE(written == played, file.filename().string(), ": ", first_difference(written, played));
    }
  }
}

}  // namespace skald::core::testing
