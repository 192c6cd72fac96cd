// Tokens of an expression. The tokenizer also finds where an expression inside ${ … } ends, since only who
// knows strings and interpolations knows which brace closes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/expression/program.hpp"

namespace skald::core {

enum class TokenKind {
  End,
  Number,              // text: as written
  Word,                // a name or keyword
  Field,               // ".name"; text: the name
  Symbol,              // text: "|", "==", "(", …
  StringBegin,         // a string is StringBegin, then texts and interpolations in any number, then StringEnd
  StringText,          // text: with its escapes resolved
  InterpolationBegin,  // "\("
  InterpolationEnd,    // its ")"
  StringEnd
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t offset = 0;
  std::string text;

  bool is(std::string_view symbol) const { return kind == TokenKind::Symbol && text == symbol; }
  bool is_word(std::string_view word) const { return kind == TokenKind::Word && text == word; }
};

// The tokens of the whole text, the last of kind End.
boost::system::result<std::vector<Token>, ExpressionError> tokenize(std::string_view text);

// `text` begins behind "${": the offset of the brace that ends the expression.
boost::system::result<std::size_t, ExpressionError> find_closing_brace(std::string_view text);

}  // namespace skald::core
