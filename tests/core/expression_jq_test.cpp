// Skald's expressions against the real jq, on random expressions and documents. What jq 1.6 is known to do
// otherwise stands in engine/core/expression/README.md, and the generator keeps away from it.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/core/expression/program.hpp"
#include "tests/core/expression_generator.hpp"
#include "tests/first_seed.hpp"

using namespace skald;
using namespace skald::core;

namespace {

// One start of jq takes longer than an expression, and its compiler is worse than linear in the program.
constexpr std::size_t kBatches = 50;
constexpr std::size_t kExpressionsPerBatch = 50;
constexpr std::size_t kDocumentsPerBatch = 5;

std::uint64_t seed() {
  return skald::testing::first_seed(20261121);
}

// A folder for the files that jq reads, removed at the end.
class Workplace {
 public:
  Workplace() : folder_(std::filesystem::temp_directory_path() / ("skald-jq-" + std::to_string(getpid()))) {
    std::filesystem::create_directory(folder_);
  }
  ~Workplace() { std::filesystem::remove_all(folder_); }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }

 private:
  std::filesystem::path folder_;
};

// What jq answers for each document: one list with, for each expression, its outputs, or a text for an error.
std::vector<Json> ask_jq(const Workplace& workplace, const std::vector<std::string>& expressions,
                         const std::vector<Json>& documents) {
  std::string program;
  for (const auto& expression : expressions)
    program += (program.empty() ? "[\n" : ",\n") + std::string("(try [") + expression + "] catch \"error\")";
  std::string lines;
  for (const Json& document : documents) lines += document.dump() + "\n";
  const std::string command = "jq -c -f " + workplace.write("program.jq", program + "\n]\n") + " " +
                              workplace.write("documents.json", lines);
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string output;
  char buffer[1 << 16];
  for (std::size_t read; (read = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, read);
  REQUIRE_MESSAGE(pclose(pipe) == 0, "jq could not run a batch of generated expressions");
  std::vector<Json> answers;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) answers.push_back(parse_json(line).value());
  return answers;
}

Json ask_ours(const Program& program, const Json& document) {
  const auto outputs = program.outputs(document);
  return outputs ? Json(*outputs) : Json("error");
}

struct Tally {
  std::size_t compared = 0;
  std::size_t errors = 0;
  std::size_t several = 0;  // outputs
  std::size_t different = 0;
};

void compare(const std::string& expression, const Json& document, const Json& theirs, const Json& ours,
             Tally& tally) {
  ++tally.compared;
  tally.errors += theirs.is_string();
  tally.several += theirs.is_array() && theirs.as_array().size() > 1;
  if (ours == theirs || ++tally.different > 5) return;
  FAIL_CHECK("expression: " << expression << "\ndocument: " << document.dump() << "\njq:    " << theirs.dump()
                            << "\nSkald: " << ours.dump());
}

void run_batch(const Workplace& workplace, ExpressionGenerator& generator, Tally& tally) {
  std::vector<std::string> expressions;
  std::vector<Json> documents;
  for (std::size_t i = 0; i < kExpressionsPerBatch; ++i) expressions.push_back(generator.expression());
  for (std::size_t i = 0; i < kDocumentsPerBatch; ++i) documents.push_back(generator.document());

  const auto answers = ask_jq(workplace, expressions, documents);
  REQUIRE(answers.size() == documents.size());
  for (std::size_t e = 0; e < expressions.size(); ++e) {
    CAPTURE(expressions[e]);
    const Program program = Program::compile(expressions[e]).value();
    for (std::size_t d = 0; d < documents.size(); ++d) {
      REQUIRE(answers[d].as_array().size() == expressions.size());
      compare(expressions[e], documents[d], answers[d].as_array()[e], ask_ours(program, documents[d]), tally);
    }
  }
}

}  // namespace

TEST_CASE("expression: every expression gives what jq gives") {
  MESSAGE("SKALD_SEED=", seed());
  const Workplace workplace;
  ExpressionGenerator generator(seed());
  Tally tally;
  for (std::size_t batch = 0; batch < kBatches; ++batch) run_batch(workplace, generator, tally);

  MESSAGE(tally.compared, " compared, of them ", tally.errors, " errors and ", tally.several,
          " with several outputs");
  CHECK(tally.different == 0);
  CHECK(tally.compared == kBatches * kExpressionsPerBatch * kDocumentsPerBatch);
  // Errors agree too easily, so most have to be values, and many have to be generators.
  CHECK(tally.errors * 3 < tally.compared);
  CHECK(tally.several * 10 > tally.compared);
}
