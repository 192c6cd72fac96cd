#include "engine/core/expression/code_builder.hpp"

#include <algorithm>

#include "engine/core/expression/function_table.hpp"

namespace skald::core {
namespace {

// Texts are no longer than kMaxExpressionBytes.
std::uint32_t at(std::size_t offset) {
  return static_cast<std::uint32_t>(offset);
}

}  // namespace

NodeId CodeBuilder::identity(std::size_t offset) {
  return add({.op = Op::Identity, .single = true, .offset = at(offset)}, {});
}

NodeId CodeBuilder::constant(std::size_t offset, Json value) {
  code_.constants.push_back(std::move(value));
  const auto index = static_cast<std::uint32_t>(code_.constants.size() - 1);
  return add({.op = Op::Constant, .single = true, .offset = at(offset), .a = index}, {});
}

NodeId CodeBuilder::unary(Op op, std::size_t offset, NodeId a) {
  return add({.op = op, .single = single(op, a), .offset = at(offset), .a = a}, {a});
}

NodeId CodeBuilder::pair(Op op, std::size_t offset, NodeId a, NodeId b) {
  const bool is_single = op != Op::Comma && single(a) && single(b);
  return add({.op = op, .single = is_single, .offset = at(offset), .a = a, .b = b}, {a, b});
}

NodeId CodeBuilder::infix(Op op, BinaryOperator operation, std::size_t offset, NodeId left, NodeId right) {
  const NodeId id = pair(op, offset, left, right);
  code_.nodes[id].operation = operation;
  return id;
}

NodeId CodeBuilder::choice(std::size_t offset, NodeId condition, NodeId then, NodeId otherwise) {
  const bool is_single = single(condition) && single(then) && single(otherwise);
  return add(
      {.op = Op::If, .single = is_single, .offset = at(offset), .a = condition, .b = then, .c = otherwise},
      {condition, then, otherwise});
}

NodeId CodeBuilder::list(Op op, std::size_t offset, const std::vector<NodeId>& parts) {
  const auto begin = static_cast<std::uint32_t>(code_.lists.size());
  code_.lists.insert(code_.lists.end(), parts.begin(), parts.end());
  const bool is_single = std::all_of(parts.begin(), parts.end(), [&](NodeId part) { return single(part); });
  const auto count = static_cast<std::uint32_t>(parts.size());
  return add({.op = op, .single = is_single, .offset = at(offset), .a = begin, .b = count}, parts.data(),
             parts.data() + parts.size());
}

// Functions that jq defines by other expressions: builtin.jq of jq 1.6, any and all as of 1.7.
std::optional<NodeId> CodeBuilder::call(std::string_view name, std::size_t offset,
                                        const std::vector<NodeId>& arguments) {
  const auto is = [&](std::string_view wanted, std::size_t count) {
    return name == wanted && arguments.size() == count;
  };
  const auto items = [&] { return unary(Op::Iterate, offset, identity(offset)); };
  if (const auto* found = find_function(name, arguments.size())) {
    Node node{.op = Op::Call, .single = true, .function = found->function, .offset = at(offset)};
    if (arguments.empty()) return add(node, {});
    node.single = single(arguments[0]);
    node.has_argument = true;
    node.a = arguments[0];
    return add(node, {arguments[0]});
  }
  if (is("map", 1)) return unary(Op::Array, offset, pair(Op::Pipe, offset, items(), arguments[0]));
  if (is("select", 1)) {
    const NodeId nothing = add({.op = Op::Nothing, .offset = at(offset)}, {});
    return choice(offset, arguments[0], identity(offset), nothing);
  }
  if (is("first", 0)) return pair(Op::Index, offset, identity(offset), constant(offset, 0));
  if (is("last", 0)) return pair(Op::Index, offset, identity(offset), constant(offset, -1));
  if (is("first", 1)) return unary(Op::First, offset, arguments[0]);
  if (is("last", 1)) return unary(Op::Last, offset, arguments[0]);
  if ((name == "any" || name == "all") && arguments.size() <= 2) {
    const NodeId generator = arguments.size() == 2 ? arguments[0] : items();
    const NodeId tested = arguments.empty() ? generator : pair(Op::Pipe, offset, generator, arguments.back());
    return unary(name == "any" ? Op::Any : Op::All, offset, tested);
  }
  return std::nullopt;
}

bool CodeBuilder::is_text(NodeId id) const {
  const Node& node = code_.nodes[id];
  return node.op == Op::Constant && code_.constants[node.a].is_string();
}

NodeId CodeBuilder::add(Node node, std::initializer_list<NodeId> children) {
  return add(node, children.begin(), children.end());
}

// A generator's followers run inside its calls, so its depth adds up; what gives a single value is evaluated
// first and has returned by then.
NodeId CodeBuilder::add(Node node, const NodeId* begin, const NodeId* end) {
  std::size_t nested = 0;
  std::size_t aside = 0;
  for (const NodeId* child = begin; child != end; ++child) {
    const Node& part = code_.nodes[*child];
    if (part.single)
      aside = std::max<std::size_t>(aside, part.depth);
    else
      nested += part.depth;
  }
  // A depth beyond the limit is refused at the end; until then it must not wrap around.
  node.depth = static_cast<std::uint16_t>(std::min<std::size_t>(1 + nested + aside, kMaxDepth + 1));
  code_.nodes.push_back(node);
  return static_cast<NodeId>(code_.nodes.size() - 1);
}

// Whether a node of one part gives exactly one output.
bool CodeBuilder::single(Op op, NodeId a) const {
  const bool collects = op == Op::Array || op == Op::Any || op == Op::All || op == Op::Last;
  const bool passes_on = op == Op::Negate || op == Op::First;
  return collects || (passes_on && single(a));
}

}  // namespace skald::core
