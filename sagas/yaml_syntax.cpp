#include "sagas/yaml_syntax.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "sagas/source_text.hpp"

namespace skald::sagas {
namespace {

struct Explanation {
  std::string_view yaml_cpp;  // its message begins so
  std::string_view message;
  std::string_view remedy;
  bool is_escape = false;  // yaml-cpp's place is behind it
};

constexpr std::array kExplanations = {
    Explanation{"illegal map value", "a ': ' stands where no key can be",
                "check the indentation, or quote a text that holds ': '"},
    Explanation{"illegal map key", "a key stands where none can be", "check the indentation"},
    Explanation{"illegal block entry", "a list item '- ' stands where none can be",
                "give it a line of its own"},
    Explanation{"illegal flow end", "a bracket is closed that was not opened", "remove it"},
    Explanation{"end of map not found", "this does not fit the map above it", "align it with the keys above"},
    Explanation{"end of sequence not found", "this does not fit the list above it",
                "align it with the items above"},
    Explanation{"end of map flow", "expected ',' or '}'", "quote a text that holds ': ', ',', '{' or '}'"},
    Explanation{"end of sequence flow", "expected ',' or ']'", "quote a text that holds ',', '[' or ']'"},
    Explanation{"illegal EOF in scalar", "a quoted text is not closed", "add the closing quote"},
    Explanation{"illegal document indicator", "a quoted text is not closed before the document ends",
                "add the closing quote"},
    Explanation{"unknown token", "a text cannot begin with this character", "quote the text"},
    Explanation{"unknown escape", "an unknown escape in a double-quoted text",
                "write \\\\ for one \\, or use single quotes", true},
    Explanation{"invalid unicode", "an escape that stands for no character", "write the character itself",
                true},
    Explanation{"bad character found while scanning hex", "an escape with a digit that is not hexadecimal",
                "write the character itself", true},
    Explanation{"the referenced anchor", "an alias is not part of the language", "write the value out"},
    Explanation{"alias", "an alias is not part of the language", "quote a text that begins with '*'"},
    Explanation{"illegal character found while scanning alias", "an alias is not part of the language",
                "quote a text that begins with '*'"},
    Explanation{"anchor", "an anchor is not part of the language", "quote a text that begins with '&'"},
    Explanation{"illegal character found while scanning anchor", "an anchor is not part of the language",
                "quote a text that begins with '&'"},
    Explanation{"cannot assign", "anchors, aliases and tags are not part of the language",
                "write the value out"},
    Explanation{"tag handle", "a tag ('!…') is not part of the language",
                "quote a text that begins with '!'"},
    Explanation{"illegal character found while scanning tag", "a tag ('!…') is not part of the language",
                "quote a text that begins with '!'"},
    Explanation{"end of verbatim tag", "a tag ('!…') is not part of the language",
                "quote a text that begins with '!'"},
    Explanation{"illegal tab", "a tab indents this line", "indent with spaces"},
    Explanation{"bad file", "nested too deeply", "write it flatter"},
};

std::string_view line_around(std::string_view source, std::size_t offset, std::size_t& line_start) {
  offset = std::min(offset, source.size());
  line_start = source.substr(0, offset).rfind('\n') + 1;  // npos + 1 is 0
  return source.substr(line_start, std::min(source.find('\n', line_start), source.size()) - line_start);
}

// yaml-cpp reads a tab as a blank and gives up later in the line, or in the next one.
std::optional<std::size_t> indenting_tab(std::string_view source, std::size_t offset) {
  for (int lines = 0; lines < 2; ++lines) {
    std::size_t start = 0;
    const std::string_view line = line_around(source, offset, start);
    const std::size_t tab = line.find('\t');
    if (tab != std::string_view::npos && tab < line.find_first_not_of(" \t")) return start + tab;
    if (start == 0) break;
    offset = start - 1;
  }
  return std::nullopt;
}

// The unquoted "${" that YAML cut into pieces, where one stands before the place.
std::optional<std::size_t> cut_expression(std::string_view source, std::size_t offset) {
  std::size_t start = 0;
  const std::string_view line = line_around(source, offset, start);
  const std::size_t at = line.substr(0, offset - start + 2).rfind("${");
  if (at == std::string_view::npos) return std::nullopt;
  const bool quoted = line.substr(0, at).find_last_of("\"'") != std::string_view::npos &&
                      line.find_first_of("\"'", at) != std::string_view::npos;
  if (quoted) return std::nullopt;
  return start + at;
}

std::size_t backslash_before(std::string_view source, std::size_t offset) {
  const std::size_t at = source.substr(0, offset).rfind('\\');
  return at == std::string_view::npos ? offset : at;
}

bool nothing_follows(std::string_view source, std::size_t offset) {
  return offset >= source.size() || source.find_first_not_of(" \t\r\n", offset) == std::string_view::npos;
}

// The unit that "\uXXXX" at this place stands for, or -1.
long escaped_unit(std::string_view source, std::size_t at) {
  if (source.substr(at, 2) != "\\u" || at + 6 > source.size()) return -1;
  const std::string digits(source.substr(at + 2, 4));
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return -1;
  return std::strtol(digits.c_str(), nullptr, 16);
}

}  // namespace

void explain_syntax_error(const SyntaxError& error, std::string_view source, FaultList& faults) {
  const std::size_t offset = std::min(error.offset, source.size());
  if (const auto tab = indenting_tab(source, offset))
    return faults.error(place_at(source, *tab), "a tab indents this line", "indent with spaces");
  if (const auto expression = cut_expression(source, offset))
    return faults.error(place_at(source, *expression), "YAML takes this expression apart",
                        "quote it: \"${ … }\", or put it into a block |-");
  const std::string_view message = error.message;
  if (message.find("flow not found") != std::string_view::npos && error.innermost_open &&
      nothing_follows(source, offset)) {
    const bool is_list = source[error.innermost_open->source_offset] == '[';
    return faults.error(error.innermost_open->place,
                        is_list ? "this list is not closed" : "this map is not closed",
                        is_list ? "add ']'" : "add '}'");
  }
  for (const Explanation& known : kExplanations)
    if (message.starts_with(known.yaml_cpp))
      return faults.error(place_at(source, known.is_escape ? backslash_before(source, offset) : offset),
                          std::string(known.message), std::string(known.remedy));
  faults.error(place_at(source, offset), "this is not YAML: " + error.message);
}

bool is_closed_scalar(std::string_view source, std::size_t begin) {
  const char quote = begin < source.size() ? source[begin] : '\0';
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t at = begin + 1; at < source.size(); ++at) {
    if (source[at] == '\\' && quote == '"')
      ++at;
    else if (source[at] == quote && (quote == '"' || source.substr(at + 1, 1) != "'"))
      return true;
    else if (source[at] == quote)
      ++at;
  }
  return false;
}

std::string with_joined_surrogates(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source[at] != '\\') {
      text += source[at];
      continue;
    }
    const long high = escaped_unit(source, at);
    const long low = high >= 0xD800 && high <= 0xDBFF ? escaped_unit(source, at + 6) : -1;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      char joined[11];
      std::snprintf(joined, sizeof joined, "\\U%08lx", 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
      text += joined;
      at += 11;
    } else {
      text.append(source, at, 2);  // an escape; "\\" too, so that the next letter is not taken for one
      ++at;
    }
  }
  return text;
}

}  // namespace skald::sagas
