#include <array>
#include <optional>

#include "engine/core/expression/token.hpp"
#include "engine/core/expression/utf8.hpp"

namespace skald::core {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// What jq has and this language has not; the longer ones first.
struct Foreign {
  std::string_view text;
  std::string_view what;
};
constexpr std::array kForeign = {
    Foreign{"..", "recursion with '..'"},     Foreign{"$", "a variable"},
    Foreign{"@", "a format such as @base64"}, Foreign{"#", "a comment"},
    Foreign{"|=", "an assignment"},           Foreign{"+=", "an assignment"},
    Foreign{"-=", "an assignment"},           Foreign{"*=", "an assignment"},
    Foreign{"%=", "an assignment"},           Foreign{"//=", "an assignment"},
    Foreign{"/=", "an assignment"},
};
constexpr std::array<std::string_view, 25> kSymbols = {"==", "!=", "<=", ">=", "//", "|", ",", ".", "[",
                                                       "]",  "{",  "}",  "(",  ")",  ":", ";", "?", "<",
                                                       ">",  "+",  "-",  "*",  "/",  "%", "="};

class Tokenizer {
 public:
  enum class Until { EndOfText, ClosingBrace };

  Tokenizer(std::string_view text, Until until) : text_(text), until_(until) {}

  // False: see error().
  bool run() {
    while (at_ < text_.size() && !found_end_)
      if (!step()) return false;
    if (!open_strings_.empty()) return fail_unfinished(open_strings_.back());
    add(TokenKind::End, at_);
    return true;
  }

  std::vector<Token> take_tokens() { return std::move(tokens_); }
  const ExpressionError& error() const { return error_; }
  // The text ended within a string.
  bool unfinished() const { return unfinished_; }
  std::optional<std::size_t> closing_brace() const { return found_end_ ? std::optional(at_) : std::nullopt; }

 private:
  // A string that has begun: either we are in its text, or in an interpolation of it with that many open "(".
  struct OpenString {
    std::size_t offset;
    bool in_text;
    std::size_t parentheses;
  };

  std::string_view rest() const { return text_.substr(at_); }
  bool in_text() const { return !open_strings_.empty() && open_strings_.back().in_text; }
  void add(TokenKind kind, std::size_t offset, std::string text = {}) {
    tokens_.push_back({kind, offset, std::move(text)});
  }
  bool fail(std::size_t offset, std::string message) {
    error_ = {std::move(message), offset};
    return false;
  }
  bool fail_unfinished(const OpenString& string) {
    unfinished_ = true;
    return fail(string.offset,
                string.in_text ? "the string does not end" : "the '\\(' in this string does not end");
  }

  bool step() {
    const char c = text_[at_];
    if (in_text()) return string_text();
    if (is_space(c)) return ++at_, true;
    if (c == '"') return begin_string();
    if (is_name_start(c)) return name(TokenKind::Word, at_);
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '.' && is_name_start(next)) return name(TokenKind::Field, at_ + 1);
    if (is_digit(c) || (c == '.' && is_digit(next))) return number();
    return symbol();
  }

  bool name(TokenKind kind, std::size_t begin) {
    std::size_t end = begin;
    while (end < text_.size() && is_name_part(text_[end])) ++end;
    add(kind, at_, std::string(text_.substr(begin, end - begin)));
    at_ = end;
    return true;
  }

  void skip_digits() {
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  }
  bool number() {
    const std::size_t begin = at_;
    skip_digits();
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      skip_digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      const std::size_t exponent = at_++;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (at_ == text_.size() || !is_digit(text_[at_])) return fail(exponent, "this number has no exponent");
      skip_digits();
    }
    add(TokenKind::Number, begin, std::string(text_.substr(begin, at_ - begin)));
    return true;
  }

  bool symbol() {
    for (const auto& [foreign, what] : kForeign)
      if (rest().starts_with(foreign)) return fail(at_, std::string(what) + " is not part of the language");
    for (const std::string_view symbol : kSymbols) {
      if (!rest().starts_with(symbol)) continue;
      if (symbol == "=") return fail(at_, "an assignment is not part of the language; to compare, write ==");
      return take(symbol);
    }
    return fail(at_, "this character means nothing here");
  }

  // Counts braces and parentheses: they end the whole expression, or an interpolation.
  bool take(std::string_view symbol) {
    if (symbol == "}" && open_braces_ == 0 && open_strings_.empty() && until_ == Until::ClosingBrace)
      return found_end_ = true;
    if (symbol == "{") ++open_braces_;
    if (symbol == "}" && open_braces_ > 0) --open_braces_;
    if (!open_strings_.empty()) {
      auto& string = open_strings_.back();
      if (symbol == "(") ++string.parentheses;
      if (symbol == ")" && string.parentheses-- == 0) {
        string = {string.offset, true, 0};
        add(TokenKind::InterpolationEnd, at_++);
        return true;
      }
    }
    add(TokenKind::Symbol, at_, std::string(symbol));
    at_ += symbol.size();
    return true;
  }

  bool begin_string() {
    add(TokenKind::StringBegin, at_);
    open_strings_.push_back({at_++, true, 0});
    return true;
  }

  // Up to the end of the string or to an interpolation.
  bool string_text() {
    const std::size_t begin = at_;
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\0') return fail(at_, "the character U+0000 cannot be stored");
      if (c != '"' && c != '\\') {
        value += c;
        ++at_;
        continue;
      }
      if (c == '\\' && !rest().starts_with("\\(")) {
        if (!escape(value)) return false;
        continue;
      }
      if (!is_utf8(value)) return fail(begin, "this string is not valid UTF-8");
      if (!value.empty()) add(TokenKind::StringText, begin, std::move(value));
      if (c == '"') {
        add(TokenKind::StringEnd, at_++);
        open_strings_.pop_back();
      } else {
        add(TokenKind::InterpolationBegin, at_);
        at_ += 2;
        open_strings_.back().in_text = false;
      }
      return true;
    }
    return true;  // run() reports the string that does not end
  }

  bool escape(std::string& value) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == 'u') return unicode_escape(value);
    const auto which = c == '\0' ? std::string_view::npos : kFrom.find(c);
    if (which == std::string_view::npos)
      return fail(at_, "this escape means nothing; a backslash is written \\\\");
    value += kTo[which];
    at_ += 2;
    return true;
  }

  // The four digits of a \uXXXX that begins at `at`.
  std::optional<char32_t> hex_escape(std::size_t at) const {
    if (text_.size() < at + 6 || text_[at] != '\\' || text_[at + 1] != 'u') return std::nullopt;
    char32_t value = 0;
    for (const char c : text_.substr(at + 2, 4)) {
      static constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
      const auto digit = kDigits.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value << 4 | static_cast<char32_t>(digit < 16 ? digit : digit - 6);
    }
    return value;
  }

  bool unicode_escape(std::string& value) {
    const auto first = hex_escape(at_);
    if (!first) return fail(at_, "\\u takes four hexadecimal digits");
    if (*first == 0) return fail(at_, "\\u0000 cannot be stored");
    const bool surrogate = *first >= 0xD800 && *first < 0xE000;
    const auto second = surrogate ? hex_escape(at_ + 6) : std::nullopt;
    if (surrogate && (*first >= 0xDC00 || !second || *second < 0xDC00 || *second >= 0xE000))
      return fail(at_, "half of a surrogate pair is no character");
    append_code_point(value, surrogate ? 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00) : *first);
    at_ += surrogate ? 12 : 6;
    return true;
  }

  std::string_view text_;
  Until until_;
  std::size_t at_ = 0;
  bool found_end_ = false;
  bool unfinished_ = false;
  std::size_t open_braces_ = 0;
  std::vector<OpenString> open_strings_;
  std::vector<Token> tokens_;
  ExpressionError error_;
};

}  // namespace

boost::system::result<std::vector<Token>, ExpressionError> tokenize(std::string_view text) {
  Tokenizer tokenizer(text, Tokenizer::Until::EndOfText);
  if (!tokenizer.run()) return tokenizer.error();
  return tokenizer.take_tokens();
}

boost::system::result<std::size_t, ExpressionError> find_closing_brace(std::string_view text) {
  Tokenizer tokenizer(text, Tokenizer::Until::ClosingBrace);
  const bool readable = tokenizer.run();
  if (const auto end = tokenizer.closing_brace()) return *end;
  if (readable || tokenizer.unfinished())
    return ExpressionError{"the expression does not end: its '}' is missing. In YAML, quote it", 0};
  return tokenizer.error();
}

}  // namespace skald::core
