// What commands write: data to standard output, as a table for people or as one valid document; everything
// else to standard error.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/exit_code.hpp"
#include "engine/base/error.hpp"
#include "engine/base/json.hpp"

namespace skald::api {

enum class Format { Table, Json, Jsonl, Yaml };
// `names`: of the option, where -o,--output is taken.
void add_format_option(CLI::App& command, Format& format, const std::string& names = "-o,--output");

// As JSON (indented), JSON lines (one line, or a line for each item of `items`) or YAML. `format` is not
// Table.
std::string document_text(const Json& document, Format format);
void print_document(const Json& document, Format format);

// Rows under a line of headings, columns as wide as their longest cell.
struct Table {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
};
std::string table_text(const Table& table);
void print_table(const Table& table);

// Colours a word such as a status: only on a terminal, and not where NO_COLOR is set.
std::string painted(std::string_view status);

// "skald: sentence" on standard error.
void complain(std::string_view sentence);
ExitCode complain(const Error& error);
ExitCode exit_code_of(ErrorKind kind);

}  // namespace skald::api
