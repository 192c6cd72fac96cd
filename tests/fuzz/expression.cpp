// Expressions: first line an expression, the rest the document it is evaluated over. Whatever it says, it
// ends within its budget, always with the same result, and what jq's grammar says means the same does mean
// the same.
#include <optional>

#include "engine/core/expression/program.hpp"
#include "engine/core/expression/template.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace skald;
using namespace skald::core;

// A hundredth of an evaluation's own, so that a fuzzer does not spend its minute on a few bombs.
constexpr Budget kBudget{.steps = 4'000, .output_bytes = 4'096};
// Ways to write the same cost a little more.
constexpr Budget kMore{.steps = 3 * kBudget.steps, .output_bytes = 3 * kBudget.output_bytes};

std::size_t depth_of(const Json& value) {
  std::size_t deepest = 0;
  if (value.is_array())
    for (const Json& item : value.as_array()) deepest = std::max(deepest, depth_of(item));
  if (value.is_object())
    for (const auto& member : value.as_object()) deepest = std::max(deepest, depth_of(member.value));
  return value.is_array() || value.is_object() ? deepest + 1 : 0;
}

using Outputs = std::optional<std::vector<Json>>;

Outputs outputs_of(const std::string& expression, const Json& root) {
  const auto program = Program::compile(expression);
  if (!program) return std::nullopt;  // nested one level too deep now, or too long
  const auto outputs = program->outputs(root, kMore);
  if (!outputs) return std::nullopt;
  return *outputs;
}

void check_the_same(const std::string& rewritten, const Json& root, const std::vector<Json>& expected) {
  const auto found = outputs_of(rewritten, root);
  CHECK_THAT(!found || *found == expected, "another way to write it means the same");
}

void check_outputs(const Program& program, const Json& root, const std::vector<Json>& outputs) {
  const auto again = program.outputs(root, kBudget);
  CHECK_THAT(again && *again == outputs, "an expression is a function");
  for (const Json& output : outputs) {
    CHECK_THAT(depth_of(output) <= std::max(kMaxValueDepth, depth_of(root)), "depth is bounded");
    const std::string written = output.dump();
    CHECK_THAT(written.size() <= std::max(kBudget.output_bytes, root.dump().size()), "size is bounded");
    const auto read = parse_json(written);
    CHECK_THAT(read && *read == output, "an output is JSON");
  }
  const auto one = program.evaluate(root, kBudget);
  CHECK_THAT(one.has_value() == (outputs.size() == 1), "a value is wanted: one output, no more and no less");
}

void check_program(std::string_view text, const Program& program, const Json& root) {
  if (program.is_constant()) {
    const auto here = program.outputs(root, kBudget), there = program.outputs(Json(), kBudget);
    CHECK_THAT(here.has_value() == there.has_value() && (!here || *here == *there),
               "what refers to nothing depends on nothing");
  }
  const auto outputs = program.outputs(root, kBudget);
  if (!outputs) {
    fuzz::check_sayable(outputs.error().message);
    const auto again = program.outputs(root, kBudget);
    CHECK_THAT(!again && again.error().message == outputs.error().message, "a failure is a function too");
    return;
  }
  check_outputs(program, root, *outputs);
  const std::string expression(text);
  check_the_same("(" + expression + ")", root, *outputs);
  check_the_same(". | (" + expression + ")", root, *outputs);
  check_the_same("(" + expression + ") | .", root, *outputs);
  check_the_same("[" + expression + "] | .[]", root, *outputs);
  check_the_same("(" + expression + ")?", root, *outputs);
  check_the_same("if true then (" + expression + ") else 1 end", root, *outputs);
}

void check_template(const std::string& text, const Json& root) {
  const auto compiled = Template::compile(Json(text));
  if (!compiled) {
    CHECK_THAT(compiled.error().offset <= text.size(), "an error lies inside the text");
    return fuzz::check_sayable(compiled.error().message);
  }
  const auto value = compiled->evaluate(root, kBudget);
  if (!value) return fuzz::check_sayable(value.error().message);
  const auto as_text = compiled->evaluate_text(root);
  if (as_text && value->is_string()) CHECK_THAT(*as_text == value->as_string(), "a text is a text");
}

// RFC 3986: what data fills in is part of one segment.
void check_path(const std::string& text, const Json& root) {
  const auto path = PathTemplate::compile("/a/" + text + "/b");
  if (!path) return fuzz::check_sayable(path.error().message);
  const auto rendered = path->render(root);
  if (!rendered) return fuzz::check_sayable(rendered.error().message);
  CHECK_THAT(rendered->starts_with("/a/") && rendered->ends_with("/b"), "a path keeps its frame");
  CHECK_THAT(rendered->find_first_of("?# \r\n\\") == std::string::npos, "a path stays a path");
  CHECK_THAT(("/" + *rendered + "/").find("/../") == std::string::npos, "a path goes down only");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  const std::string expression(text.substr(0, text.find('\n')));
  const auto document = parse_json(text.substr(std::min(expression.size() + 1, text.size())));
  const Json root = document ? *document : Json();

  const auto program = Program::compile(expression);
  if (program) {
    check_program(expression, *program, root);
  } else {
    CHECK_THAT(program.error().offset <= expression.size(), "an error lies inside the text");
    fuzz::check_sayable(program.error().message);
  }
  if (parse_json(Json(expression).dump())) {  // a template is valid UTF-8: the loader has seen to it
    check_template(expression, root);
    check_template("${ " + expression + " }", root);
    check_path("${ " + expression + " }", root);
  }
  return 0;
}
