#include "tests/core/expression_generator.hpp"

namespace skald::core {

std::string ExpressionGenerator::expression() {
  return any(Dot::Root, 4);
}

std::string ExpressionGenerator::any(Dot dot, int depth) {
  switch (below(8)) {
    case 0: return number(dot, depth);
    case 1: return string(dot, depth);
    case 2: return boolean(dot, depth);
    case 3: return array(dot, depth);
    case 4: return object(dot, depth);
    case 5:
      return "(" + any(dot, depth - 1 < 0 ? 0 : depth - 1) + ", " + any(dot, depth - 1 < 0 ? 0 : depth - 1) +
             ")";
    case 6: return depth > 0 ? "(" + array(dot, depth - 1) + ")[]" : "null";
    default:
      return depth > 0 ? "(" + numbers(dot, depth - 1) + " | map(" + any(Dot::Number, depth - 1) + "))"
                       : "select(false)";
  }
}

std::string ExpressionGenerator::number_leaf(Dot dot) {
  if (chance(3)) return pick("0", "1", "2", "3", "10", "1.5", "0.5", "-1", "-2.5", "100");
  switch (dot) {
    case Dot::Root:
      return pick(".n", ".o.x", ".a[0]", ".a[-1]", ".l[0].id", R"(.["n"])", R"(.o["x"])", R"(."o".x)",
                  ".o.none.x");
    case Dot::Number: return ".";
    case Dot::String: return "length";
    case Dot::Item: return pick(".id", R"(.["id"])", ".id", ".price");
  }
  return "0";
}

std::string ExpressionGenerator::text_literal() {
  return pick(R"("")", R"("a")", R"("b")", R"("ab")", R"("a,b")", R"(",")", R"("x y")", R"("é")",
              R"("A\n\"B\"")", R"("\u20ac")", R"("12")", R"("-3.5")");
}

std::string ExpressionGenerator::string_leaf(Dot dot) {
  if (chance(3)) return text_literal();
  switch (dot) {
    case Dot::Root: return pick(".s", ".o.name", R"(."s t")", R"(.["s t"])", ".l[1].name", ".w[0]", ".w[-1]");
    case Dot::Number: return "tostring";
    case Dot::String: return ".";
    case Dot::Item: return pick(".name", R"(."name")", ".tags[0]");
  }
  return "\"\"";
}

std::string ExpressionGenerator::number(Dot dot, int depth) {
  if (depth <= 0) return number_leaf(dot);
  if (chance(60)) return any(dot, depth - 1);
  --depth;
  switch (below(17)) {
    case 0:
    case 1: return operand(number(dot, depth)) + pick(" + ", " - ", "+", "-") + operand(number(dot, depth));
    // Factors are leaves: a product of products as a repetition would fill jq's memory.
    case 2: return number_leaf(dot) + " * " + number_leaf(dot);
    // jq 1.6 refuses a constant division by zero before it runs, so that divisors are not constant, or not
    // zero.
    case 3: return operand(number(dot, depth)) + pick(" / ", " % ") + pick("2", "3", "(-4)");
    case 4: return operand(number(dot, depth)) + pick(" / ", " % ") + "([" + number(dot, depth) + "][])";
    case 5: return "-(" + number(dot, depth) + ")";
    case 6: return "(" + pick(string(dot, depth), array(dot, depth), object(dot, depth)) + " | length)";
    case 7:
      return "(" + numbers(dot, depth) + " | " + pick("add", "min", "max", "first", "last", ".[0]", ".[-2]") +
             ")";
    case 8: return "(" + number(dot, depth) + " | " + pick("floor", "length", "tostring | tonumber") + ")";
    case 9:
      return "if " + boolean(dot, depth) + " then " + number(dot, depth) + " else " + number(dot, depth) +
             " end";
    case 10: return operand(number(dot, depth)) + " // " + operand(number(dot, depth));
    case 11: return "(" + number(dot, depth) + ", " + number(dot, depth) + ")";
    case 12: return pick("first(", "last(") + numbers(dot, depth) + " | .[])";
    case 13: return "(" + numbers(dot, depth) + ")[]";
    case 14: return "(" + number(dot, depth) + " | " + number(Dot::Number, depth) + ")";
    case 15: return operand(numbers(dot, depth)) + "[" + pick("0", "1", "-1", "0, 1") + "]";
    default: return "(" + string(dot, depth) + " | " + number(Dot::String, depth) + ")";
  }
}

std::string ExpressionGenerator::interpolation(Dot dot, int depth) {
  return "\"<\\(" + any(dot, depth) + ")" + pick("", " é ", "\\t", "\\\\") + "\\(" + string(dot, depth) +
         ")>\"";
}

std::string ExpressionGenerator::string(Dot dot, int depth) {
  if (depth <= 0) return string_leaf(dot);
  if (chance(60)) return any(dot, depth - 1);
  --depth;
  switch (below(15)) {
    case 0:
    case 1: return operand(string(dot, depth)) + " + " + operand(string(dot, depth));
    case 2: return string_leaf(dot) + " * " + pick("2", "3", "0", "0.5", "1.5", "(-1)");
    case 3:
    case 4: return interpolation(dot, depth);
    case 5: return "(" + any(dot, depth) + " | " + pick("tostring", "tojson", "type") + ")";
    case 6:
      return "(" + string(dot, depth) + " | " + pick("ascii_downcase", "ascii_upcase", "tojson | fromjson") +
             ")";
    case 7:
      return "(" + string(dot, depth) + " | " + pick("ltrimstr", "rtrimstr") + "(" + string(Dot::String, 0) +
             "))";
    case 8:
      return "(" + pick(strings(dot, depth), array(dot, depth)) + " | join(" +
             pick(text_literal(), text_literal(), "null", "\",\", \"-\"") + "))";
    case 9:
      return "if " + boolean(dot, depth) + " then " + string(dot, depth) + " elif " + boolean(dot, depth) +
             " then " + string(dot, 0) + " else " + string(dot, depth) + " end";
    case 10: return operand(string(dot, depth)) + " // " + operand(string(dot, depth));
    case 11: return "(" + string(dot, depth) + ", " + string(dot, depth) + ")";
    case 12: return "(" + strings(dot, depth) + ")" + pick("[]", "[0]", "[-1]");
    case 13: return "(" + string(dot, depth) + " | " + string(Dot::String, depth) + ")";
    default: return "(" + object(dot, depth) + " | keys | .[0])";
  }
}

std::string ExpressionGenerator::boolean(Dot dot, int depth) {
  if (depth <= 0)
    return dot == Dot::Root ? pick("true", "false", ".t", ".f", ".z", ".l[0].on")
                            : pick("true", "false", ". == 1");
  if (chance(60)) return any(dot, depth - 1);
  --depth;
  const auto comparison = [&] { return pick(" == ", " != ", " < ", " <= ", " > ", " >= "); };
  switch (below(14)) {
    case 0: return "(" + number(dot, depth) + ")" + comparison() + "(" + number(dot, depth) + ")";
    case 1: return "(" + string(dot, depth) + ")" + comparison() + "(" + string(dot, depth) + ")";
    case 2: return "(" + any(dot, depth) + ")" + comparison() + "(" + any(dot, depth) + ")";
    // Compared as values: reading "-0" gives 0 with us.
    case 3:
      return "(" + any(dot, depth) + " | tojson | fromjson)" + comparison() + "(" + any(dot, depth) + ")";
    case 4:
    case 5: return operand(boolean(dot, depth)) + pick(" and ", " or ") + operand(boolean(dot, depth));
    case 6: return "(" + boolean(dot, depth) + " | not)";
    case 7: return "(" + object(dot, depth) + " | has(" + pick(R"("id")", R"("x")", text_literal()) + "))";
    case 8: return "(" + array(dot, depth) + " | has(" + pick("0", "2", "-1", "0, 5") + "))";
    case 9:
      return "(" + string(dot, depth) + " | " + pick("contains", "startswith", "endswith") + "(" +
             string(Dot::String, 0) + "))";
    case 10:
      return "(" + array(dot, depth) + " | contains([" + pick(text_literal(), "1", ".[0]", "null", "[2]") +
             "]))";
    case 11:
      return "(" + array(dot, depth) + " | " + pick("any", "all") +
             pick(std::string(), "(" + safe_test() + ")") + ")";
    case 12:
      return "(" + pick(boolean(dot, depth), "(" + array(dot, depth) + ")[]") + ") // " +
             operand(any(dot, depth));
    default:
      return pick("any", "all") + "(" + number_leaf(dot) + ", " + string_leaf(dot) + "; " + safe_test() + ")";
  }
}

std::string ExpressionGenerator::safe_test() {
  return pick(". == 1", ". > 0", "type == \"number\"", ". != null and . < \"b\"");
}

std::string ExpressionGenerator::numbers(Dot dot, int depth) {
  if (depth <= 0)
    return dot == Dot::Root ? pick(".a", ".a", ".o.list", "[1, 2]", "[]") : pick("[1, 2, 1]", "[]");
  if (chance(60)) return any(dot, depth - 1);
  --depth;
  switch (below(10)) {
    case 0: return "[" + number(dot, depth) + ", " + number(dot, depth) + "]";
    case 1:
    case 2: return "(" + numbers(dot, depth) + " | map(" + number(Dot::Number, depth) + "))";
    case 3: return operand(numbers(dot, depth)) + pick(" + ", " - ") + operand(numbers(dot, depth));
    case 4: return "(" + numbers(dot, depth) + " | " + pick("sort", "unique", "keys", "map(., .)") + ")";
    // jq 1.7 reverses strings and 1.6 does not.
    case 5: return "(" + numbers(dot, depth) + " | if type == \"array\" then reverse else . end)";
    case 6: return "[(" + numbers(dot, depth) + ")[] | select(" + boolean(Dot::Number, depth) + ")]";
    case 7: return "(" + items(dot, depth) + " | map(" + number(Dot::Item, depth) + "))";
    // jq 1.6 lets ? catch what fails behind it; inside [ ] nothing is behind it.
    case 8: return "[(" + number(dot, depth) + ")?]";
    default: return "[(" + array(dot, depth) + ")[] | (. + 1)?]";
  }
}

std::string ExpressionGenerator::strings(Dot dot, int depth) {
  if (depth <= 0) return dot == Dot::Root ? pick(".w", ".w", R"(["b", "a"])") : pick(R"(["a", "b"])", "[]");
  if (chance(60)) return any(dot, depth - 1);
  --depth;
  switch (below(7)) {
    case 0: return "[" + string(dot, depth) + ", " + string(dot, depth) + "]";
    case 1: return "(" + strings(dot, depth) + " | map(" + string(Dot::String, depth) + "))";
    case 2: return "(" + string(dot, depth) + " | split(" + string(Dot::String, 0) + "))";
    case 3: return operand(string(dot, depth)) + " / " + operand(string_leaf(dot));
    case 4: return "(" + object(dot, depth) + " | keys)";
    case 5: return "(" + strings(dot, depth) + " | " + pick("sort", "unique") + ")";
    default: return "(" + items(dot, depth) + " | map(" + string(Dot::Item, depth) + "))";
  }
}

std::string ExpressionGenerator::items(Dot dot, int depth) {
  if (depth <= 0) return dot == Dot::Root ? ".l" : "[{id: 1}]";
  --depth;
  switch (below(5)) {
    case 0: return "(" + items(dot, depth) + " | map(select(" + boolean(Dot::Item, depth) + ")))";
    case 1: return "(" + items(dot, depth) + " | " + pick("sort", "unique") + ")";
    case 2: return "[" + object(dot, depth) + "]";
    case 3: return "(" + items(dot, depth) + " | map(" + object(Dot::Item, depth) + "))";
    default: return operand(items(dot, depth)) + " + " + operand(items(dot, depth));
  }
}

std::string ExpressionGenerator::array(Dot dot, int depth) {
  switch (below(5)) {
    case 0: return numbers(dot, depth);
    case 1: return strings(dot, depth);
    case 2: return items(dot, depth);
    case 3: return depth > 0 ? "[" + any(dot, depth - 1) + "]" : "[]";
    default: return dot == Dot::Root ? ".m" : "[null, 1, \"a\"]";
  }
}

std::string ExpressionGenerator::construction(Dot dot, int depth) {
  std::string text = "{";
  for (std::size_t i = 0, count = below(4); i < count; ++i) {
    if (i > 0) text += ", ";
    switch (below(6)) {
      case 0: text += pick("n", "id", "z", R"("s t")"); break;
      case 1: text += pick("a", "if", "x") + ": (" + any(dot, depth) + ")"; break;
      case 2: text += "(" + string(dot, depth) + "): " + number_leaf(dot); break;
      case 3: text += "\"k\\(" + number(dot, 0) + ")\": (" + string(dot, depth) + ")"; break;
      case 4: text += "x: " + number_leaf(dot) + " | " + number_leaf(Dot::Number); break;
      default: text += pick("b", "name", R"("b c")") + ": (" + number(dot, depth) + ")"; break;
    }
  }
  return text + "}";
}

std::string ExpressionGenerator::object(Dot dot, int depth) {
  if (depth <= 0) {
    if (dot == Dot::Item) return ".";
    return dot == Dot::Root ? pick(".o", ".l[0]", ".", "{}") : "{a: .}";
  }
  if (chance(60)) return any(dot, depth - 1);
  --depth;
  switch (below(6)) {
    case 0:
    case 1: return construction(dot, depth);
    case 2: return operand(object(dot, depth)) + pick(" + ", " * ") + operand(object(dot, depth));
    case 3: return "(" + items(dot, depth) + " | " + pick("first", "last", ".[0]", "min", "max") + ")";
    case 4:
      return "(" + object(dot, depth) + " | select(" +
             pick("has(\"id\")", "length > 1", "true", ". != null, .id == 0") + "))";
    default: return "{a: {b: (" + number(dot, depth) + ")}} * {a: (" + object(dot, depth) + ")}";
  }
}

Json ExpressionGenerator::random_number() {
  switch (below(4)) {
    case 0: return Json(static_cast<double>(below(200)) / 4 - 20);
    case 1: return Json(0);
    default: return Json(static_cast<int>(below(20)) - 5);
  }
}

Json ExpressionGenerator::random_text() {
  return pick("", "a", "b", "ab", "a,b", "x y", "é", "Ab\"c\n", "12", "zz", "€uro");
}

Json ExpressionGenerator::item() {
  Json::Object item;
  item.append("id", random_number());
  if (!chance(4)) item.append("name", random_text());
  if (!chance(4)) item.append("on", chance(2));
  if (chance(2)) item.append("tags", Json::Array{random_text(), random_text()});
  return item;
}

Json ExpressionGenerator::document() {
  const auto several = [&](auto make) {
    Json::Array array;
    for (std::size_t i = 0, count = below(5); i < count; ++i) array.push_back(make());
    return Json(std::move(array));
  };
  const auto numbers = [&] { return several([&] { return random_number(); }); };
  Json::Object document;
  const auto add = [&](std::string name, Json value) {
    if (!chance(20)) document.append(std::move(name), std::move(value));
  };
  add("n", random_number());
  add("s", random_text());
  add("s t", random_text());
  add("t", true);
  add("f", false);
  add("z", nullptr);
  add("a", numbers());
  add("w", several([&] { return random_text(); }));
  add("l", several([&] { return item(); }));
  add("m", Json::Array{nullptr, random_number(), random_text(), chance(2), numbers(), item()});
  add("o", Json::object({{"x", random_number()}, {"name", random_text()}, {"list", numbers()}}));
  return document;
}

}  // namespace skald::core
