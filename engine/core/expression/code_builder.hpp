// CodeBuilder: puts nodes into a Code for the parser. It knows which of them give a single output and how
// deep their evaluation nests, and what the functions that take expressions are made of.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/expression/code.hpp"

namespace skald::core {

class CodeBuilder {
 public:
  // Stands for whatever could not be read, so that the parser need not look before building on it.
  static constexpr NodeId kUnreadable = 0;

  CodeBuilder() { code_.nodes.emplace_back(); }

  NodeId identity(std::size_t offset);
  NodeId constant(std::size_t offset, Json value);
  NodeId unary(Op op, std::size_t offset, NodeId a);
  NodeId pair(Op op, std::size_t offset, NodeId a, NodeId b);
  // Of Op::Binary, And, Or, Alternative; `operation` counts for the first only.
  NodeId infix(Op op, BinaryOperator operation, std::size_t offset, NodeId left, NodeId right);
  NodeId choice(std::size_t offset, NodeId condition, NodeId then, NodeId otherwise);
  // Op::Object or Op::Text.
  NodeId list(Op op, std::size_t offset, const std::vector<NodeId>& parts);
  // None where there is no function of that name with so many arguments.
  std::optional<NodeId> call(std::string_view name, std::size_t offset, const std::vector<NodeId>& arguments);

  bool is_text(NodeId id) const;
  std::size_t depth(NodeId id) const { return code_.nodes[id].depth; }

  void finish(NodeId root) { code_.root = root; }
  Code take_code() { return std::move(code_); }

 private:
  NodeId add(Node node, std::initializer_list<NodeId> children);
  NodeId add(Node node, const NodeId* begin, const NodeId* end);
  bool single(NodeId id) const { return code_.nodes[id].single; }
  bool single(Op op, NodeId a) const;

  Code code_;
};

}  // namespace skald::core
