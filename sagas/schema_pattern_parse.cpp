#include "sagas/schema_pattern_parse.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace skald::sagas {
namespace {

using Kind = PatternTerm::Kind;

constexpr std::size_t kMaxSourceBytes = 4096;  // longer ones are lists, and belong into enum
constexpr int kMaxPatternNesting = 64;         // our own recursion
// A counted repetition is unrolled. RE2 draws the line there too.
constexpr std::uint32_t kMaxRepetitions = 1000;

PatternTerm character_term(CharacterSet set) {
  return {.kind = Kind::Character, .characters = std::move(set), .parts = {}};
}
PatternTerm plain_term(Kind kind) {
  return {.kind = kind, .characters = {}, .parts = {}};
}

// A recursive descent over the code points. The first fault is kept; from there on it is at the end.
class Parser {
 public:
  explicit Parser(std::string_view source) {
    while (!source.empty()) source_.push_back(take_code_point(source));
  }

  Result<PatternTerm> parse() {
    PatternTerm term = choice();
    if (fault_.empty() && !at_end()) refuse("this ) closes nothing");
    if (!fault_.empty()) return invalid(fault_);
    return term;
  }

 private:
  PatternTerm choice() {
    PatternTerm term = plain_term(Kind::Choice);
    if (++nesting_ > kMaxPatternNesting) refuse("nested too deep");
    do term.parts.push_back(sequence());
    while (take('|'));
    --nesting_;
    return term.parts.size() == 1 ? PatternTerm(std::move(term.parts.front())) : term;
  }

  PatternTerm sequence() {
    PatternTerm term = plain_term(Kind::Sequence);
    while (!at_end() && peek() != '|' && peek() != ')') {
      PatternTerm next = atom();
      const bool repeatable = next.kind != Kind::TextStart && next.kind != Kind::TextEnd &&
                              next.kind != Kind::WordEdge && next.kind != Kind::NotWordEdge;
      term.parts.push_back(repeatable ? repeated(std::move(next)) : std::move(next));
    }
    return term.parts.empty() ? plain_term(Kind::Empty) : term;
  }

  PatternTerm repeated(PatternTerm what) {
    std::uint32_t minimum = 0, maximum = PatternTerm::kUnbounded;
    if (take('+'))
      minimum = 1;
    else if (take('?'))
      maximum = 1;
    else if (!take('*') && !counts(minimum, maximum))
      return what;
    take('?');  // lazy or greedy is the same question: is it found?
    PatternTerm term = plain_term(Kind::Repeat);
    term.parts.push_back(std::move(what));
    term.minimum = minimum;
    term.maximum = maximum;
    return term;
  }

  // {3}, {3,} or {3,5}. Anything else that begins with a brace is plain text.
  bool counts(std::uint32_t& minimum, std::uint32_t& maximum) {
    const std::size_t begin = at_;
    if (!take('{')) return false;
    const auto least = number();
    std::optional<std::uint32_t> most = least;
    if (least && take(',')) most = peek() == '}' ? PatternTerm::kUnbounded : number();
    if (!least || !most || !take('}')) {
      at_ = begin;
      return false;
    }
    if (*least > kMaxRepetitions || (*most > kMaxRepetitions && *most != PatternTerm::kUnbounded))
      refuse("a repetition counts to " + std::to_string(kMaxRepetitions) +
             " at most; minLength and maxLength count further");
    if (*least > *most) refuse("the counts of the repetition are the wrong way round");
    minimum = *least;
    maximum = *most;
    return true;
  }

  PatternTerm atom() {
    switch (peek()) {
      case '(': return group();
      case '[': return character_term(bracket());
      case '.': ++at_; return character_term(any_but_line_ends());
      case '^': ++at_; return plain_term(Kind::TextStart);
      case '$': ++at_; return plain_term(Kind::TextEnd);
      case '\\': return escape();
      case '*':
      case '+':
      case '?': return refuse("there is nothing to repeat");
      default: break;
    }
    std::uint32_t minimum = 0, maximum = 0;
    if (counts(minimum, maximum)) return refuse("there is nothing to repeat");
    const char32_t plain = source_[at_++];
    return character_term({{plain, plain}});
  }

  PatternTerm group() {
    const std::size_t begin = at_++;
    if (take('?') && !take(':')) {
      const bool looks_behind = take('<') && (peek() == '=' || peek() == '!');
      if (looks_behind || peek() == '=' || peek() == '!')
        return refuse(
            "look-around is not supported, as its cost has no bound; "
            "allOf with several patterns, or not with one, says the same");
      if (source_[at_ - 1] != '<' || !group_name()) return refuse("no such kind of group");
    }
    PatternTerm inner = choice();
    if (fault_.empty() && !take(')')) {
      at_ = begin;
      return refuse("this ( is not closed");
    }
    return inner;
  }

  bool group_name() {
    const std::size_t begin = at_;
    while (!at_end() && is_word_character(peek())) ++at_;
    return at_ > begin && take('>');
  }

  PatternTerm escape() {
    ++at_;
    if (at_end()) return refuse("the pattern ends with a lone backslash");
    const char32_t letter = source_[at_];
    if (letter == 'b' || letter == 'B') {
      ++at_;
      return plain_term(letter == 'b' ? Kind::WordEdge : Kind::NotWordEdge);
    }
    if ((letter >= '1' && letter <= '9') || letter == 'k')
      return refuse("back-references are not supported, as their cost has no bound");
    if (auto set = named_class(letter)) {
      ++at_;
      return character_term(std::move(*set));
    }
    const char32_t plain = escaped_character();
    return character_term({{plain, plain}});
  }

  // After the backslash, in and outside of brackets: everything that stands for one character.
  char32_t escaped_character() {
    const char32_t letter = source_[at_++];
    switch (letter) {
      case 't': return '\t';
      case 'n': return '\n';
      case 'v': return '\v';
      case 'f': return '\f';
      case 'r': return '\r';
      case '0': return 0;
      case 'x': return hexadecimal(2);
      case 'u': return unicode_escape();
      case 'c': return at_end() ? refuse_character("\\c needs a letter") : source_[at_++] & 31;
      case 'p':
      case 'P': return refuse_character("\\p is not supported; name the characters as [a-z…]");
      default: break;
    }
    if (letter < 128 && is_word_character(letter)) return refuse_character("no such escape");
    return letter;
  }

  char32_t unicode_escape() {
    if (take('{')) {
      const std::size_t begin = at_;
      while (!at_end() && peek() != '}') ++at_;
      const auto digits = static_cast<int>(at_ - begin);
      at_ = begin;
      const char32_t value = digits > 6 ? kLastCodePoint + 1 : hexadecimal(digits);
      if (value > kLastCodePoint || !take('}')) return refuse_character("no such character");
      return value;
    }
    const char32_t high = hexadecimal(4);
    if (high < 0xD800 || high >= 0xE000) return high;
    const char32_t low = take('\\') && take('u') ? hexadecimal(4) : 0;
    if (high >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return refuse_character("half of a surrogate pair");
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  char32_t hexadecimal(int digits) {
    char32_t value = 0;
    for (; digits > 0; --digits) {
      const char32_t c = at_end() ? 0 : source_[at_++];
      if (c >= '0' && c <= '9')
        value = value * 16 + (c - '0');
      else if ((c | 32) >= 'a' && (c | 32) <= 'f')
        value = value * 16 + ((c | 32) - 'a' + 10);
      else
        return refuse_character("hexadecimal digits expected");
    }
    return value;
  }

  CharacterSet bracket() {
    const std::size_t begin = at_++;
    const bool negated = take('^');
    CharacterSet set;
    while (!at_end() && peek() != ']') bracket_part(set);
    if (!take(']') && fault_.empty()) {
      at_ = begin;
      refuse("this [ is not closed");
    }
    return negated ? complement(set) : normalised(std::move(set));
  }

  void bracket_part(CharacterSet& set) {
    const CharacterSet first = bracket_member();
    if (peek() != '-' || at_ + 1 >= source_.size() || source_[at_ + 1] == ']') {
      set.insert(set.end(), first.begin(), first.end());
      return;
    }
    ++at_;
    const CharacterSet last = bracket_member();
    const bool plain = first.size() == 1 && last.size() == 1 && first[0].first == first[0].second &&
                       last[0].first == last[0].second;
    if (!plain || first[0].first > last[0].first)
      refuse("this range has no sense");
    else
      set.push_back({first[0].first, last[0].first});
  }

  CharacterSet bracket_member() {
    if (at_end()) return {};
    if (!take('\\')) {
      const char32_t plain = source_[at_++];
      return {{plain, plain}};
    }
    if (at_end()) return {};
    if (auto set = named_class(peek())) {
      ++at_;
      return *set;
    }
    if (take('b')) return {{'\b', '\b'}};
    const char32_t plain = escaped_character();
    return {{plain, plain}};
  }

  std::optional<std::uint32_t> number() {
    std::optional<std::uint32_t> value;
    while (peek() >= '0' && peek() <= '9')
      value = std::min<std::uint32_t>(value.value_or(0) * 10 + (source_[at_++] - '0'), kMaxRepetitions + 1);
    return value;
  }

  bool at_end() const { return at_ >= source_.size(); }
  char32_t peek() const { return at_end() ? 0 : source_[at_]; }
  bool take(char32_t expected) {
    if (at_end() || source_[at_] != expected) return false;
    ++at_;
    return true;
  }

  PatternTerm refuse(const std::string& why) {
    if (fault_.empty())
      fault_ = why + " (character " + std::to_string(std::min(at_, source_.size()) + 1) + ")";
    at_ = source_.size();
    return plain_term(Kind::Empty);
  }
  char32_t refuse_character(const std::string& why) {
    refuse(why);
    return 0;
  }

  std::u32string source_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  std::string fault_;
};

}  // namespace

Result<PatternTerm> parse_pattern(std::string_view source) {
  if (source.size() > kMaxSourceBytes)
    return invalid("longer than " + std::to_string(kMaxSourceBytes) + " bytes");
  return Parser(source).parse();
}

}  // namespace skald::sagas
