// Code: a compiled expression, a flat vector of nodes that name each other by index. The parser writes it,
// the evaluator and the search for references read it; nobody else does.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/core/expression/program.hpp"

namespace skald::core {

using NodeId = std::uint32_t;

enum class Op : std::uint8_t {
  Identity,     // .
  Constant,     // constants[a]
  Nothing,      // no output at all; what select() gives for a value it drops
  Index,        // a[b]; .name is one with a constant key
  Iterate,      // a[]
  Try,          // a?
  Pipe,         // a | b
  Comma,        // a , b
  Negate,       // -a
  Binary,       // a <operation> b
  And,          // a and b
  Or,           // a or b
  Alternative,  // a // b
  If,           // if a then b else c end
  Array,        // [a]
  Object,       // lists[a … a+b): key, value, key, value, …
  Text,         // lists[a … a+b): the parts of an interpolated string
  Call,         // function on the input; a is its argument, where it has one
  Any,          // is one output of a true? any(g; c) is any over g | c
  All,          // is no output of a false?
  First,        // the first output of a
  Last          // the last output of a, null when there is none
};

enum class BinaryOperator : std::uint8_t {
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual
};

// Functions from a value, and some from an argument, to a value. Those that take expressions (map, select,
// any, …) are written in terms of Op by the code builder.
enum class Function : std::uint8_t {
  Length,
  Keys,
  AsciiDowncase,
  AsciiUpcase,
  Floor,
  ToString,
  ToNumber,
  ToJson,
  FromJson,
  Type,
  Not,
  Add,
  Min,
  Max,
  Sort,
  Unique,
  Reverse,
  Has,
  Contains,
  StartsWith,
  EndsWith,
  Split,
  Join,
  LeftTrimString,
  RightTrimString
};

struct Node {
  Op op = Op::Identity;
  bool single =
      false;  // gives exactly one output, or fails: such a node is evaluated without nesting what follows
  BinaryOperator operation = BinaryOperator::Add;  // of Binary
  Function function = Function::Length;            // of Call
  bool has_argument = false;                       // of Call
  std::uint16_t depth = 1;   // the nesting of calls that evaluating it takes; see kMaxDepth
  std::uint32_t offset = 0;  // in the text
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
};

struct Code {
  std::vector<Node> nodes;
  std::vector<NodeId> lists;
  std::vector<Json> constants;
  NodeId root = 0;
  std::vector<Reference> references;
};

// A level takes a few calls, together about a kilobyte of stack (four under the address sanitizer).
inline constexpr std::size_t kMaxDepth = 500;
// Texts are written by people; this only keeps a generated one from filling the memory of every node of the
// cluster.
inline constexpr std::size_t kMaxExpressionBytes = 64u << 10;

boost::system::result<Code, ExpressionError> parse(std::string_view text);

std::vector<Reference> find_references(const Code& code);

}  // namespace skald::core
