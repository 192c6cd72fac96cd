#include "engine/core/expression/program.hpp"

#include <stdexcept>

#include "engine/core/expression/code.hpp"
#include "engine/core/expression/evaluator.hpp"

namespace skald::core {

void throw_exception_from_error(const ExpressionError& error, const boost::source_location&) {
  throw std::runtime_error(error.message + " at " + std::to_string(error.offset));
}

boost::system::result<Program, ExpressionError> Program::compile(std::string_view text) {
  auto code = parse(text);
  if (!code) return code.error();
  code->references = find_references(*code);
  return Program(std::make_shared<const Code>(std::move(*code)));
}

Result<Json> Program::evaluate(const Json& root, const Budget& budget) const {
  Meter meter(budget);
  return evaluate(root, meter);
}

Result<Json> Program::evaluate(const Json& root, Meter& meter) const {
  Evaluator evaluator(*code_, meter);
  std::optional<Json> result;
  bool several = false;
  const auto keep = [&](Json value) {
    several = result.has_value();
    result = std::move(value);
    return several ? Flow::Stop : Flow::Go;
  };
  evaluator.each(code_->root, root, keep);
  if (auto error = evaluator.error()) return *std::move(error);
  if (several) return invalid("the expression gives more than one value; [ … ] around it makes them a list");
  if (!result) return invalid("the expression gives no value");
  return *std::move(result);
}

Result<std::vector<Json>> Program::outputs(const Json& root, const Budget& budget) const {
  Meter meter(budget);
  Evaluator evaluator(*code_, meter);
  std::vector<Json> result;
  const auto collect = [&](Json value) {
    result.push_back(std::move(value));
    return Flow::Go;
  };
  evaluator.each(code_->root, root, collect);
  if (auto error = evaluator.error()) return *std::move(error);
  return result;
}

const std::vector<Reference>& Program::references() const {
  return code_->references;
}

}  // namespace skald::core
