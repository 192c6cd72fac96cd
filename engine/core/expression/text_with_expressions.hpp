// TextWithExpressions: "Hello ${ .input.name }" cut into what is literal and what is computed. It knows where
// an expression ends; Template and PathTemplate decide what to do with the results.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/expression/program.hpp"

namespace skald::core {

class TextWithExpressions {
 public:
  using Piece = std::variant<std::string, Program>;

  // Offsets of errors count from the beginning of `text`.
  static boost::system::result<TextWithExpressions, ExpressionError> compile(std::string_view text);
  static TextWithExpressions literal(std::string text);

  const std::vector<Piece>& pieces() const { return pieces_; }
  // The expression, where the text is nothing but one; else nullptr.
  const Program* only_program() const;
  bool has_expressions() const;

 private:
  std::vector<Piece> pieces_;
};

// A result as text: a string as it is, a number by its text, true or false. Null, list and map are errors.
Result<std::string> text_of(const Json& value);

}  // namespace skald::core
