#include "engine/core/expression/text_with_expressions.hpp"

#include <algorithm>

#include "engine/core/expression/order.hpp"
#include "engine/core/expression/token.hpp"

namespace skald::core {

boost::system::result<TextWithExpressions, ExpressionError> TextWithExpressions::compile(
    std::string_view text) {
  TextWithExpressions result;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) result.pieces_.emplace_back(std::exchange(literal, {}));
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("$${")) {
      literal += "${";
      at += 3;
    } else if (rest.starts_with("${")) {
      const std::size_t begin = at + 2;
      const auto length = find_closing_brace(text.substr(begin));
      if (!length) return ExpressionError{length.error().message, begin + length.error().offset};
      auto program = Program::compile(text.substr(begin, *length));
      if (!program) return ExpressionError{program.error().message, begin + program.error().offset};
      end_literal();
      result.pieces_.emplace_back(std::move(*program));
      at = begin + *length + 1;
    } else {
      literal += text[at++];
    }
  }
  end_literal();
  return result;
}

TextWithExpressions TextWithExpressions::literal(std::string text) {
  TextWithExpressions result;
  result.pieces_.emplace_back(std::move(text));
  return result;
}

const Program* TextWithExpressions::only_program() const {
  return pieces_.size() == 1 ? std::get_if<Program>(&pieces_.front()) : nullptr;
}

bool TextWithExpressions::has_expressions() const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [](const Piece& p) { return std::holds_alternative<Program>(p); });
}

Result<std::string> text_of(const Json& value) {
  switch (value.kind()) {
    case Json::Kind::String: return value.as_string();
    case Json::Kind::Number: return value.number_text();
    case Json::Kind::Boolean: return std::string(value.as_boolean() ? "true" : "false");
    case Json::Kind::Null:
    case Json::Kind::Array:
    case Json::Kind::Object: break;
  }
  return invalid("the result is " +
                 std::string(value.is_null()    ? "null"
                             : value.is_array() ? "an array"
                                                : "an object") +
                 " where a text is needed");
}

}  // namespace skald::core
