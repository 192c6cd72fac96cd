#include <algorithm>

#include "engine/base/hex.hpp"
#include "engine/core/expression/path_text.hpp"
#include "engine/core/expression/template.hpp"

namespace skald::core {
namespace {

// pchar of RFC 3986, section 3.3, and the '/' between segments.
bool is_path_character(char c) {
  return is_unreserved(c) || std::string_view("!$&'()*+,;=:@/%").find(c) != std::string_view::npos;
}

// What is wrong with a literal part, or nothing.
std::string fault_of_literal(std::string_view literal) {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    if (c == '?') return "a path has no '?'; a query stands in 'query'";
    if (!is_path_character(c)) return "a path holds a character that has to be percent-encoded";
    const bool encoded =
        i + 2 < literal.size() && hex_value(literal[i + 1]) >= 0 && hex_value(literal[i + 2]) >= 0;
    if (c == '%' && !encoded) return "in a path, '%' begins an encoded byte such as %20";
  }
  return {};
}

std::string fault_of(const TextWithExpressions& text) {
  // Whatever data fills in, it is neither empty nor a '/': any letter shows how the literal parts fit
  // together.
  std::string shape;
  for (const auto& piece : text.pieces()) {
    const auto* literal = std::get_if<std::string>(&piece);
    if (literal)
      if (auto fault = fault_of_literal(*literal); !fault.empty()) return fault;
    shape += literal ? *literal : "x";
  }
  const bool begins_with_slash = !text.pieces().empty() &&
                                 std::holds_alternative<std::string>(text.pieces().front()) &&
                                 shape.starts_with('/');
  if (!begins_with_slash) return "a path begins with '/'";
  if (shape.find("//") != std::string::npos) return "a path has no empty segment ('//')";
  if (has_dot_segment(shape)) return "a path has no segment '.' or '..'";
  return {};
}

std::vector<Reference> references_of(const TextWithExpressions& text) {
  std::vector<Reference> found;
  for (const auto& piece : text.pieces()) {
    const auto* program = std::get_if<Program>(&piece);
    if (!program) continue;
    for (const Reference& reference : program->references())
      if (std::find(found.begin(), found.end(), reference) == found.end()) found.push_back(reference);
  }
  return found;
}

}  // namespace

boost::system::result<PathTemplate, TemplateError> PathTemplate::compile(std::string_view source) {
  auto text = TextWithExpressions::compile(source);
  if (!text) return TemplateError{"", text.error().offset, text.error().message};
  if (auto fault = fault_of(*text); !fault.empty()) return TemplateError{"", 0, std::move(fault)};
  PathTemplate result;
  result.source_ = source;
  result.references_ = references_of(*text);
  result.text_ = std::move(*text);
  return result;
}

Result<std::string> PathTemplate::render(const Json& root) const {
  Meter meter{Budget{}};
  std::string path;
  for (const auto& piece : text_.pieces()) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      path += *literal;
      continue;
    }
    const auto value = std::get<Program>(piece).evaluate(root, meter);
    if (!value) return value.error();
    const auto part = text_of(*value);
    if (!part) return part.error();
    if (part->empty()) return invalid("the path " + source_ + " is given an empty text");
    path += percent_encoded(*part);
  }
  if (has_dot_segment(path))
    return invalid("the path " + source_ + " is given a text that makes a segment '.' or '..'");
  return path;
}

}  // namespace skald::core
