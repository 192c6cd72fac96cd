#include "engine/core/expression/function_table.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

namespace skald::core {
namespace {

constexpr std::array kFunctions = {
    FunctionName{"length", 0, Function::Length},
    FunctionName{"keys", 0, Function::Keys},
    FunctionName{"ascii_downcase", 0, Function::AsciiDowncase},
    FunctionName{"ascii_upcase", 0, Function::AsciiUpcase},
    FunctionName{"floor", 0, Function::Floor},
    FunctionName{"tostring", 0, Function::ToString},
    FunctionName{"tonumber", 0, Function::ToNumber},
    FunctionName{"tojson", 0, Function::ToJson},
    FunctionName{"fromjson", 0, Function::FromJson},
    FunctionName{"type", 0, Function::Type},
    FunctionName{"not", 0, Function::Not},
    FunctionName{"add", 0, Function::Add},
    FunctionName{"min", 0, Function::Min},
    FunctionName{"max", 0, Function::Max},
    FunctionName{"sort", 0, Function::Sort},
    FunctionName{"unique", 0, Function::Unique},
    FunctionName{"reverse", 0, Function::Reverse},
    FunctionName{"has", 1, Function::Has},
    FunctionName{"contains", 1, Function::Contains},
    FunctionName{"startswith", 1, Function::StartsWith},
    FunctionName{"endswith", 1, Function::EndsWith},
    FunctionName{"split", 1, Function::Split},
    FunctionName{"join", 1, Function::Join},
    FunctionName{"ltrimstr", 1, Function::LeftTrimString},
    FunctionName{"rtrimstr", 1, Function::RightTrimString},
};

// Those the parser builds from other expressions, with how many arguments they take.
struct ExpressionFunction {
  std::string_view name;
  std::string_view arguments;
};
constexpr std::array kExpressionFunctions = {
    ExpressionFunction{"map", "one argument"},
    ExpressionFunction{"select", "one argument"},
    ExpressionFunction{"first", "no argument or one"},
    ExpressionFunction{"last", "no argument or one"},
    ExpressionFunction{"any", "no argument, one or two"},
    ExpressionFunction{"all", "no argument, one or two"},
};

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

}  // namespace

const FunctionName* find_function(std::string_view name, std::size_t arguments) {
  const auto fits = [&](const FunctionName& f) { return f.name == name && f.arguments == arguments; };
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(), fits);
  return found == kFunctions.end() ? nullptr : found;
}

std::string explain_unknown_function(std::string_view name) {
  std::string_view closest;
  std::size_t best = 3;  // more than two letters off is another word
  const auto consider = [&](std::string_view known) {
    const std::size_t letters_off = distance(name, known);
    if (letters_off < std::min(best, known.size())) best = letters_off, closest = known;
  };
  for (const auto& function : kFunctions) {
    if (function.name == name)
      return quoted(name) + (function.arguments == 0 ? " takes no argument" : " takes one argument");
    consider(function.name);
  }
  for (const auto& function : kExpressionFunctions) {
    if (function.name == name) return quoted(name) + " takes " + std::string(function.arguments);
    consider(function.name);
  }
  return "there is no function " + quoted(name) +
         (closest.empty() ? "" : "; did you mean " + quoted(closest) + "?");
}

}  // namespace skald::core
