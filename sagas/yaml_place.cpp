// From a byte of a scalar's value back to its place in the file, by reading the scalar's source once more.
#include <algorithm>
#include <cstdlib>

#include "engine/core/expression/utf8.hpp"
#include "sagas/yaml_tree.hpp"

namespace skald::sagas {
namespace {

// The length of the value that a double-quoted escape (at its backslash) stands for, and of its source.
struct Escape {
  std::size_t source = 2;
  std::size_t value = 1;
};

std::size_t utf8_length(unsigned long code) {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

Escape escape_at(std::string_view source) {
  if (source.size() < 2) return {};
  const std::size_t digits = source[1] == 'x' ? 2 : source[1] == 'u' ? 4 : source[1] == 'U' ? 8 : 0;
  if (digits > 0)
    return {2 + digits,
            utf8_length(std::strtoul(std::string(source.substr(2, digits)).c_str(), nullptr, 16))};
  // Next line and no-break space take two bytes, the line and paragraph separators three.
  if (source[1] == 'N' || source[1] == '_') return {2, 2};
  if (source[1] == 'L' || source[1] == 'P') return {2, 3};
  return {};
}

// The source offset of a value's byte in a quoted scalar of one line; the scalar's begin where it has more
// lines.
std::size_t offset_in_quotes(std::string_view source, std::size_t begin, std::size_t offset) {
  const char quote = source[begin];
  std::size_t at = begin + 1;
  for (std::size_t value = 0; value < offset && at < source.size();) {
    if (source[at] == '\n') return begin;
    Escape step{1, 1};
    if (quote == '\'' && source[at] == '\'') step = {2, 1};
    if (quote == '"' && source[at] == '\\') step = escape_at(source.substr(at));
    at += step.source;
    value += step.value;
  }
  return at;
}

std::size_t line_end(std::string_view source, std::size_t at) {
  const std::size_t end = source.find('\n', at);
  return end == std::string_view::npos ? source.size() : end;
}

// A literal block keeps its lines, so line n of the value is line n below the header, indented.
std::size_t offset_in_literal(std::string_view source, std::size_t begin, std::string_view value,
                              std::size_t offset) {
  std::size_t line = line_end(source, begin) + 1;
  std::size_t value_line = 0;
  for (std::size_t end; (end = value.find('\n', value_line)) < offset; value_line = end + 1)
    line = line_end(source, line) + 1;
  if (line >= source.size()) return begin;
  std::string_view text = source.substr(line, line_end(source, line) - line);
  if (text.ends_with('\r')) text.remove_suffix(1);
  const std::string_view wanted =
      value.substr(value_line, std::min(value.find('\n', value_line), value.size()) - value_line);
  if (!text.ends_with(wanted)) return begin;
  return line + (text.size() - wanted.size()) + (offset - value_line);
}

// Counted from the scalar on, not from the file's begin: a file may hold very many expressions.
Place moved(Place from, std::string_view passed) {
  const std::size_t newline = passed.rfind('\n');
  if (newline == std::string_view::npos)
    return {from.line, from.column + static_cast<int>(core::code_point_count(passed))};
  return {from.line + static_cast<int>(std::count(passed.begin(), passed.end(), '\n')),
          static_cast<int>(core::code_point_count(passed.substr(newline + 1))) + 1};
}

std::size_t source_offset(std::string_view source, const YamlNode& scalar, std::size_t offset) {
  const std::size_t begin = scalar.source_offset;
  const char first = begin < source.size() ? source[begin] : '\0';
  if (first == '"' || first == '\'') return offset_in_quotes(source, begin, offset);
  if (first == '|') return offset_in_literal(source, begin, scalar.text, offset);
  if (first == '>') return std::min(line_end(source, begin) + 1, source.size());
  const bool one_line = source.substr(begin, scalar.text.size()) == scalar.text;
  return one_line ? begin + offset : begin;
}

}  // namespace

Place place_in_scalar(const YamlTree& tree, const YamlNode& scalar, std::size_t offset) {
  const std::string_view source = tree.source;
  const std::size_t at = source_offset(source, scalar, std::min(offset, scalar.text.size()));
  return moved(scalar.place, source.substr(scalar.source_offset, at - scalar.source_offset));
}

}  // namespace skald::sagas
