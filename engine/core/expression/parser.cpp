// From text to Code, by recursive descent over jq's grammar (parser.y of jq 1.6). Precedence, from loose to
// tight: | , // or and comparison(not associative) +- */% and the suffixes of a term.
#include <algorithm>
#include <array>

#include "engine/core/expression/code_builder.hpp"
#include "engine/core/expression/function_table.hpp"
#include "engine/core/expression/number.hpp"
#include "engine/core/expression/token.hpp"

namespace skald::core {
namespace {

// Nesting in the text: each level takes half a dozen calls of the parser.
constexpr std::size_t kMaxNesting = 200;

constexpr std::array<std::string_view, 12> kForeignWords = {"def",     "reduce",  "foreach", "try",
                                                            "catch",   "label",   "break",   "import",
                                                            "include", "__loc__", "as",      "module"};
constexpr std::array<std::string_view, 7> kKeywords = {"if", "then", "elif", "else", "end", "and", "or"};

template <class Words>
bool contains(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

enum class Level { Alternative, Or, And, Comparison, Sum, Product, Operand };
constexpr Level next(Level level) {
  return static_cast<Level>(static_cast<int>(level) + 1);
}

struct Infix {
  std::string_view text;
  Level level;
  Op op;
  BinaryOperator operation = BinaryOperator::Add;
};
constexpr std::array kInfixes = {
    Infix{"//", Level::Alternative, Op::Alternative},
    Infix{"or", Level::Or, Op::Or},
    Infix{"and", Level::And, Op::And},
    Infix{"==", Level::Comparison, Op::Binary, BinaryOperator::Equal},
    Infix{"!=", Level::Comparison, Op::Binary, BinaryOperator::NotEqual},
    Infix{"<", Level::Comparison, Op::Binary, BinaryOperator::Less},
    Infix{"<=", Level::Comparison, Op::Binary, BinaryOperator::LessOrEqual},
    Infix{">", Level::Comparison, Op::Binary, BinaryOperator::Greater},
    Infix{">=", Level::Comparison, Op::Binary, BinaryOperator::GreaterOrEqual},
    Infix{"+", Level::Sum, Op::Binary, BinaryOperator::Add},
    Infix{"-", Level::Sum, Op::Binary, BinaryOperator::Subtract},
    Infix{"*", Level::Product, Op::Binary, BinaryOperator::Multiply},
    Infix{"/", Level::Product, Op::Binary, BinaryOperator::Divide},
    Infix{"%", Level::Product, Op::Binary, BinaryOperator::Modulo},
};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  // False: see error().
  bool run() {
    const NodeId root = pipe();
    if (!failed_ && token().kind != TokenKind::End)
      fail_at(token(), "the expression should end before " + shown(token()));
    if (!failed_ && build_.depth(root) > kMaxDepth)
      fail(0, "the expression is nested too deeply, or has too many parts in one chain");
    build_.finish(root);
    return !failed_;
  }
  Code take_code() { return build_.take_code(); }
  const ExpressionError& error() const { return error_; }

 private:
  // After a failure everything returns quickly and the first message stands.
  NodeId fail(std::size_t offset, std::string message) {
    if (!failed_) error_ = {std::move(message), offset};
    failed_ = true;
    at_ = tokens_.size() - 1;
    return CodeBuilder::kUnreadable;
  }
  NodeId fail_at(const Token& token, std::string message) { return fail(token.offset, std::move(message)); }

  static std::string shown(const Token& token) {
    switch (token.kind) {
      case TokenKind::End: return "the end";
      case TokenKind::Field: return "'." + token.text + "'";
      case TokenKind::StringBegin:
      case TokenKind::StringText:
      case TokenKind::InterpolationBegin: return "a string";
      case TokenKind::InterpolationEnd: return "')'";
      case TokenKind::StringEnd: return "the end of the string";
      case TokenKind::Number:
      case TokenKind::Word:
      case TokenKind::Symbol: return "'" + token.text + "'";
    }
    return token.text;
  }

  const Token& token() const { return tokens_[at_]; }
  const Token& following() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  Token advance() {
    const Token current = token();
    if (at_ + 1 < tokens_.size()) ++at_;
    return current;
  }
  bool accept(std::string_view symbol) {
    if (!token().is(symbol)) return false;
    advance();
    return true;
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol))
      fail_at(token(), "'" + std::string(symbol) + "' is expected here, not " + shown(token()));
  }
  bool accept_word(std::string_view word) {
    if (!token().is_word(word)) return false;
    advance();
    return true;
  }
  void expect_word(std::string_view word) {
    if (!accept_word(word))
      fail_at(token(), "'" + std::string(word) + "' is expected here, not " + shown(token()));
  }

  // a | b | c. Grouped from the left; jq groups from the right, which gives the same outputs.
  NodeId pipe() {
    NodeId left = sequence();
    while (token().is("|")) {
      const auto offset = advance().offset;
      const NodeId right = sequence();
      left = build_.pair(Op::Pipe, offset, left, right);
    }
    return left;
  }

  // a, b, c
  NodeId sequence() {
    NodeId left = infix(Level::Alternative);
    while (token().is(",")) {
      const auto offset = advance().offset;
      const NodeId right = infix(Level::Alternative);
      left = build_.pair(Op::Comma, offset, left, right);
    }
    return left;
  }

  const Infix* infix_here() const {
    if (token().kind != TokenKind::Symbol && token().kind != TokenKind::Word) return nullptr;
    const auto found = std::find_if(kInfixes.begin(), kInfixes.end(),
                                    [&](const Infix& i) { return i.text == token().text; });
    return found == kInfixes.end() ? nullptr : found;
  }

  NodeId infix(Level loosest) {
    if (nesting_ == kMaxNesting) return fail_at(token(), "the expression is nested too deeply");
    ++nesting_;
    NodeId left = operand();
    for (const Infix* infix_found = infix_here(); infix_found && infix_found->level >= loosest;
         infix_found = infix_here())
      left = infix_rest(*infix_found, left);
    --nesting_;
    return left;
  }
  NodeId infix_rest(const Infix& found, NodeId left) {
    const auto offset = advance().offset;
    // // groups from the right; all others from the left.
    const NodeId right = infix(found.op == Op::Alternative ? found.level : next(found.level));
    const Infix* follower = infix_here();
    if (found.level == Level::Comparison && follower && follower->level == Level::Comparison)
      return fail_at(token(), "comparisons cannot be chained; join them with 'and'");
    return build_.infix(found.op, found.operation, offset, left, right);
  }

  // As in jq, a minus takes the whole product behind it.
  NodeId operand() {
    if (!token().is("-")) return suffixes(term());
    const auto offset = advance().offset;
    const NodeId value = infix(Level::Product);
    return build_.unary(Op::Negate, offset, value);
  }

  NodeId suffixes(NodeId value) {
    while (!failed_) {
      const auto offset = token().offset;
      if (token().kind == TokenKind::Field) {
        value = build_.pair(Op::Index, offset, value, build_.constant(offset, advance().text));
      } else if (token().is(".") && following().kind == TokenKind::StringBegin) {
        advance();
        value = build_.pair(Op::Index, offset, value, string());
      } else if (token().is(".") && following().is("[")) {
        advance();
        value = brackets(value);
      } else if (token().is("[")) {
        value = brackets(value);
      } else if (accept("?")) {
        value = build_.unary(Op::Try, offset, value);
      } else {
        return value;
      }
    }
    return value;
  }

  // .[] or .[key] behind a value
  NodeId brackets(NodeId value) {
    const auto offset = advance().offset;
    if (accept("]")) return build_.unary(Op::Iterate, offset, value);
    const bool slice_from_start = token().is(":");
    const NodeId key = slice_from_start ? CodeBuilder::kUnreadable : pipe();
    if (token().is(":")) return fail_at(token(), "a slice is not part of the language");
    expect("]");
    return build_.pair(Op::Index, offset, value, key);
  }

  NodeId term() {
    const Token here = token();
    switch (here.kind) {
      case TokenKind::Number: return number();
      case TokenKind::StringBegin: return string();
      case TokenKind::Word: return word();
      case TokenKind::Field:
        // suffixes() reads the name.
        return build_.identity(here.offset);
      case TokenKind::Symbol:
        if (here.is(".")) return dot();
        if (here.is("[")) return array_construction();
        if (here.is("{")) return object_construction();
        if (here.is("(")) return parentheses();
        break;
      case TokenKind::End:
      case TokenKind::StringText:
      case TokenKind::InterpolationBegin:
      case TokenKind::InterpolationEnd:
      case TokenKind::StringEnd: break;
    }
    return fail_at(here, "a value is expected here, not " + shown(here));
  }

  // ".", also that of ."x" and .[0], whose rest suffixes() reads.
  NodeId dot() {
    const auto offset = token().offset;
    const bool has_key = following().kind == TokenKind::StringBegin || following().is("[");
    if (!has_key) advance();
    return build_.identity(offset);
  }

  NodeId parentheses() {
    advance();
    const NodeId inside = pipe();
    expect(")");
    return inside;
  }

  NodeId number() {
    const Token here = advance();
    auto value = read_number(here.text);
    return value ? build_.constant(here.offset, std::move(*value))
                 : fail_at(here, "this number is too large");
  }

  NodeId string() {
    const auto offset = advance().offset;
    std::vector<NodeId> parts;
    while (!failed_ && token().kind != TokenKind::StringEnd) {
      const Token part = advance();
      if (part.kind == TokenKind::StringText) {
        parts.push_back(build_.constant(part.offset, part.text));
        continue;
      }
      parts.push_back(pipe());
      if (token().kind != TokenKind::InterpolationEnd)
        return fail_at(token(), "')' is expected here, not " + shown(token()));
      advance();
    }
    if (failed_) return CodeBuilder::kUnreadable;
    advance();
    if (parts.empty()) return build_.constant(offset, "");
    if (parts.size() == 1 && build_.is_text(parts[0])) return parts[0];
    return build_.list(Op::Text, offset, parts);
  }

  NodeId array_construction() {
    const auto offset = advance().offset;
    if (accept("]")) return build_.constant(offset, Json::Array{});
    const NodeId inside = pipe();
    expect("]");
    return build_.unary(Op::Array, offset, inside);
  }

  NodeId object_construction() {
    const auto offset = advance().offset;
    std::vector<NodeId> parts;
    if (!accept("}")) {
      do member(parts);
      while (!failed_ && accept(","));
      expect("}");
    }
    return build_.list(Op::Object, offset, parts);
  }

  // key: value, or {name} and {"a name"}, short for the input's member of that name.
  void member(std::vector<NodeId>& parts) {
    const Token here = token();
    const bool computed = accept("(");
    NodeId key = CodeBuilder::kUnreadable;
    if (computed) {
      key = pipe();
      expect(")");
    } else if (here.kind == TokenKind::Word) {
      key = build_.constant(here.offset, advance().text);
    } else if (here.kind == TokenKind::StringBegin) {
      key = string();
    } else {
      fail_at(here, "a key is expected here, not " + shown(here) +
                        "; it is a name, a string or an expression in ( )");
    }
    if (failed_) return;
    parts.push_back(key);
    if (computed)
      expect(":");
    else if (!accept(":"))
      return parts.push_back(build_.pair(Op::Index, here.offset, build_.identity(here.offset), key));
    if (!failed_) parts.push_back(member_value());
  }

  // A pipe without ',' which ends the member. (jq wants operators in ( ) here; we take them bare.)
  NodeId member_value() {
    NodeId left = infix(Level::Alternative);
    while (token().is("|")) {
      const auto offset = advance().offset;
      const NodeId right = infix(Level::Alternative);
      left = build_.pair(Op::Pipe, offset, left, right);
    }
    return left;
  }

  NodeId word() {
    const Token here = advance();
    if (here.text == "null") return build_.constant(here.offset, nullptr);
    if (here.text == "true") return build_.constant(here.offset, true);
    if (here.text == "false") return build_.constant(here.offset, false);
    if (here.text == "if") return if_expression(here.offset);
    if (contains(kKeywords, here.text))
      return fail_at(here, "a value is expected here, not '" + here.text + "'");
    if (contains(kForeignWords, here.text))
      return fail_at(here, "'" + here.text + "' is not part of the language" +
                               (here.text == "try" ? "; write EXPRESSION?" : ""));
    return call(here);
  }

  // Behind "if" or "elif".
  NodeId if_expression(std::size_t offset) {
    const NodeId condition = pipe();
    expect_word("then");
    const NodeId then = pipe();
    const auto here = token().offset;
    if (accept_word("elif")) {
      if (nesting_ == kMaxNesting) return fail(here, "the expression is nested too deeply");
      ++nesting_;
      const NodeId otherwise = if_expression(here);
      --nesting_;
      return build_.choice(offset, condition, then, otherwise);
    }
    const NodeId otherwise = accept_word("else") ? pipe() : build_.identity(here);
    expect_word("end");
    return build_.choice(offset, condition, then, otherwise);
  }

  NodeId call(const Token& name) {
    std::vector<NodeId> arguments;
    if (accept("(")) {
      do arguments.push_back(pipe());
      while (!failed_ && accept(";"));
      expect(")");
    }
    if (failed_) return CodeBuilder::kUnreadable;
    const auto built = build_.call(name.text, name.offset, arguments);
    return built ? *built : fail_at(name, explain_unknown_function(name.text));
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
  CodeBuilder build_;
  ExpressionError error_;
  bool failed_ = false;
};

}  // namespace

boost::system::result<Code, ExpressionError> parse(std::string_view text) {
  if (text.size() > kMaxExpressionBytes)
    return ExpressionError{"the expression is longer than " + std::to_string(kMaxExpressionBytes) + " bytes",
                           kMaxExpressionBytes};
  auto tokens = tokenize(text);
  if (!tokens) return tokens.error();
  Parser parser(std::move(*tokens));
  if (!parser.run()) return parser.error();
  return parser.take_code();
}

}  // namespace skald::core
