// Program: one expression, what stands inside ${ … }, compiled once and evaluated often. It reads nothing but
// the root it is given, knows no clock and no chance, and stays within its budget. Copies share the program.
// The language is a subset of jq with jq's meaning; README.md in this folder lists it.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/core/expression/meter.hpp"

namespace skald::core {

struct ExpressionError {
  std::string message;     // a sentence without the place
  std::size_t offset = 0;  // in bytes, into the text given to compile
  bool operator==(const ExpressionError&) const = default;
};
// Found by argument-dependent look-up when value() is called on a failure.
[[noreturn]] void throw_exception_from_error(const ExpressionError& error,
                                             const boost::source_location& where);

// The static path from the root that is read: .steps.enroll.output.id is {"steps", "enroll", "output", "id"}.
// A dynamic part (an index, [], a computed key) ends it; the empty path is the whole root.
using Reference = std::vector<std::string>;

struct Code;

class Program {
 public:
  static boost::system::result<Program, ExpressionError> compile(std::string_view text);

  // The one output. An Error, ending in "at OFFSET" where the failing part stands, says what did not work,
  // that there was no output, or that there were several.
  Result<Json> evaluate(const Json& root, const Budget& budget = {}) const;
  // The same from a budget that several programs share.
  Result<Json> evaluate(const Json& root, Meter& meter) const;
  // All outputs, as jq would print them. For tests: an expression of a definition has one.
  Result<std::vector<Json>> outputs(const Json& root, const Budget& budget = {}) const;

  // Each path once, in the order of the text.
  const std::vector<Reference>& references() const;
  bool is_constant() const { return references().empty(); }

 private:
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  // Shared and immutable: definitions are copied into sagas, and their programs with them.
  std::shared_ptr<const Code> code_;
};

}  // namespace skald::core
