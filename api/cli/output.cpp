#include "api/cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

#include "api/cli/yaml_text.hpp"

namespace skald::api {
namespace {

bool colours_wanted() {
  const char* refused = std::getenv("NO_COLOR");  // no-color.org: any value that is not empty
  return isatty(STDOUT_FILENO) && !(refused && *refused);
}

// Characters as a terminal shows them: no bytes that continue one, no colours.
std::size_t shown_width(std::string_view cell) {
  std::size_t width = 0;
  bool escape = false;
  for (const char c : cell) {
    if (c == '\x1b') escape = true;
    if (!escape && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++width;
    if (escape && c == 'm') escape = false;
  }
  return width;
}

void append_row(std::string& text, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += cells[i] + std::string(widths[i] - shown_width(cells[i]) + 2, ' ');
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

}  // namespace

void add_format_option(CLI::App& command, Format& format, const std::string& names) {
  static const std::map<std::string, Format> kNames{
      {"table", Format::Table}, {"json", Format::Json}, {"jsonl", Format::Jsonl}, {"yaml", Format::Yaml}};
  command.add_option(names, format, "table, json, jsonl or yaml")
      ->transform(CLI::CheckedTransformer(kNames).description(""))
      ->option_text("FORMAT");
}

std::string document_text(const Json& document, Format format) {
  if (format == Format::Yaml) return yaml_text(document);
  if (format != Format::Jsonl) return document.pretty() + "\n";
  const Json items = document.get("items");
  if (!items.is_array()) return document.dump() + "\n";
  std::string lines;
  for (const auto& item : items.as_array()) lines += item.dump() + "\n";
  return lines;
}

void print_document(const Json& document, Format format) {
  std::cout << document_text(document, format) << std::flush;
}

std::string table_text(const Table& table) {
  std::vector<std::size_t> widths;
  for (const auto& heading : table.headings) widths.push_back(shown_width(heading));
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], shown_width(row[i]));
  std::string text;
  append_row(text, table.headings, widths);
  for (const auto& row : table.rows) append_row(text, row, widths);
  return text;
}

void print_table(const Table& table) {
  std::cout << table_text(table) << std::flush;
}

std::string painted(std::string_view status) {
  static const bool wanted = colours_wanted();
  static const std::map<std::string_view, std::string_view> kColours{
      {"completed", "32"},  {"succeeded", "32"},    {"ok", "32"},        {"running", "36"},
      {"waiting", "36"},    {"stuck", "31"},        {"failed", "31"},    {"fail", "31"},
      {"warn", "33"},       {"compensating", "33"}, {"cancelled", "33"}, {"paused", "33"},
      {"compensated", "33"}};
  const auto colour = kColours.find(status);
  if (!wanted || colour == kColours.end()) return std::string(status);
  return "\x1b[" + std::string(colour->second) + "m" + std::string(status) + "\x1b[0m";
}

void complain(std::string_view sentence) {
  std::cerr << "skald: " << sentence << "\n";
}

ExitCode complain(const Error& error) {
  complain(error.message);
  return exit_code_of(error.kind);
}

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Invalid: return ExitCode::Invalid;
    case ErrorKind::NotFound: return ExitCode::NotFound;
    case ErrorKind::NotAllowed: return ExitCode::NotAllowed;
    case ErrorKind::Conflict: return ExitCode::Conflict;
    case ErrorKind::LimitReached:
    case ErrorKind::Unavailable: return ExitCode::Unreachable;
    case ErrorKind::Unexpected: break;
  }
  return ExitCode::Unexpected;
}

}  // namespace skald::api
