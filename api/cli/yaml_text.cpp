#include "api/cli/yaml_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace skald::api {
namespace {

// Words that some YAML version reads as no text.
bool is_reserved(std::string text) {
  static constexpr std::array<std::string_view, 11> kWords{"null", "true", "false", "yes", "no", "on",
                                                           "off",  "y",    "n",     "~",   ""};
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

// Careful rather than clever: a text that begins with a letter and holds nothing that means anything in YAML.
bool is_plain(const std::string& text) {
  if (is_reserved(text) || !std::isalpha(static_cast<unsigned char>(text.front())) || text.back() == ' ')
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view(" _-./+@()").find(c) != std::string_view::npos;
  });
}

void append_text(std::string& out, const std::string& text) {
  if (is_plain(text))
    out += text;
  else
    append_json_string(out, text);  // JSON's strings are YAML's double-quoted ones
}

bool is_block(const Json& value) {
  return (value.is_array() && !value.as_array().empty()) || (value.is_object() && !value.as_object().empty());
}

void append_block(std::string& out, const Json& value, std::size_t indent);

void append_scalar(std::string& out, const Json& value) {
  if (value.is_string())
    append_text(out, value.as_string());
  else
    value.dump_to(out);  // null, booleans, numbers, [] and {}
  out += '\n';
}

// After "key:" or "-": a scalar goes on in the line, a block begins a new one. Items stand at their key's
// indent + 2.
void append_member(std::string& out, const std::string& key, const Json& value, std::size_t indent) {
  append_text(out, key);
  out += ':';
  if (is_block(value)) {
    out += '\n';
    out.append(indent + 2, ' ');
    return append_block(out, value, indent + 2);
  }
  out += ' ';
  append_scalar(out, value);
}

// The cursor already stands at `indent` in its line.
void append_block(std::string& out, const Json& value, std::size_t indent) {
  bool first = true;
  const auto begin_line = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) {
      begin_line();
      append_member(out, key, member, indent);
    }
    return;
  }
  for (const auto& item : value.as_array()) {
    begin_line();
    out += "- ";
    if (is_block(item))
      append_block(out, item, indent + 2);
    else
      append_scalar(out, item);
  }
}

}  // namespace

std::string yaml_text(const Json& value) {
  std::string out;
  if (is_block(value))
    append_block(out, value, 0);
  else
    append_scalar(out, value);
  return out;
}

}  // namespace skald::api
