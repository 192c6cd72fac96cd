// Random expressions in the language that Skald and jq share, and documents for them. Typed, so that most of
// them evaluate to something; a few operands have a wrong type, so that errors are compared too.
#pragma once

#include <string>

#include "engine/base/json.hpp"
#include "engine/base/random.hpp"

namespace skald::core {

class ExpressionGenerator {
 public:
  explicit ExpressionGenerator(std::uint64_t seed) : random_(seed) {}

  // Some outputs: none, one or many.
  std::string expression();
  // An object with the members that the expressions read, some of them missing.
  Json document();

 private:
  // What `.` is where an expression stands.
  enum class Dot { Root, Number, String, Item };

  // Each gives an expression of that type, which may have several outputs.
  std::string number(Dot dot, int depth);
  std::string string(Dot dot, int depth);
  std::string boolean(Dot dot, int depth);
  std::string numbers(Dot dot, int depth);  // arrays of numbers, mostly
  std::string strings(Dot dot, int depth);
  std::string items(Dot dot, int depth);  // arrays of objects
  std::string object(Dot dot, int depth);
  std::string array(Dot dot, int depth);
  std::string any(Dot dot, int depth);

  std::string number_leaf(Dot dot);
  std::string string_leaf(Dot dot);
  std::string text_literal();
  std::string interpolation(Dot dot, int depth);
  std::string construction(Dot dot, int depth);
  // A test of `.` with one output that cannot fail: jq 1.6 has any and all go on after the decision.
  std::string safe_test();

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  template <class... Texts>
  std::string pick(Texts... texts) {
    const std::string all[] = {texts...};
    return all[below(sizeof...(texts))];
  }
  // In parentheses, mostly: without them precedence decides, in both programs alike.
  std::string operand(std::string text) { return chance(10) ? text : "(" + text + ")"; }
  Json random_number();
  Json random_text();
  Json item();

  Random random_;
};

}  // namespace skald::core
