// Which paths of the root an expression can read. Followed by hand through the program: what `.` stands for
// at a node is a set of paths that are still open, that is, may be read further.
#include <algorithm>

#include "engine/core/expression/code.hpp"

namespace skald::core {
namespace {

// (.a, .b) | (.c, .d) | … doubles the paths at every stage. Beyond this many they count as read where they
// are, which claims too much and never too little.
constexpr std::size_t kMaxOpenPaths = 64;

using Paths = std::vector<Reference>;

class ReferenceReader {
 public:
  explicit ReferenceReader(const Code& code) : code_(code) {}

  std::vector<Reference> run() {
    record(follow(code_.root, {{}}));
    return std::move(found_);
  }

 private:
  // The open paths among the outputs of a node whose input may be any of `input`.
  Paths follow(NodeId id, const Paths& input) {
    const Node& node = code_.nodes[id];
    switch (node.op) {
      case Op::Identity: return input;
      case Op::Constant:
      case Op::Nothing: return {};
      case Op::Index: return index(node, input);
      case Op::Try:
      case Op::First:
      case Op::Last: return follow(node.a, input);
      case Op::Pipe: return follow(node.b, follow(node.a, input));
      case Op::Comma:
      case Op::Alternative: return joined(follow(node.a, input), follow(node.b, input));
      case Op::If: record(follow(node.a, input)); return joined(follow(node.b, input), follow(node.c, input));
      case Op::Iterate:
      case Op::Negate:
      case Op::Array:
      case Op::Any:
      case Op::All: return read(node.a, input);
      case Op::Binary:
      case Op::And:
      case Op::Or: read(node.a, input); return read(node.b, input);
      case Op::Object:
      case Op::Text:
        for (std::uint32_t i = 0; i < node.b; ++i) read(code_.lists[node.a + i], input);
        return {};
      case Op::Call: record(input); return node.has_argument ? read(node.a, input) : Paths{};
    }
    return {};
  }

  // The node's outputs are used up here: nothing of them stays open.
  Paths read(NodeId id, const Paths& input) {
    record(follow(id, input));
    return {};
  }

  Paths index(const Node& node, const Paths& input) {
    const Node& key = code_.nodes[node.b];
    const bool is_static = key.op == Op::Constant && code_.constants[key.a].is_string();
    if (!is_static) {
      read(node.a, input);
      return read(node.b, input);
    }
    Paths paths = follow(node.a, input);
    for (Reference& path : paths) path.push_back(code_.constants[key.a].as_string());
    return paths;
  }

  Paths joined(Paths paths, const Paths& more) {
    for (const Reference& path : more)
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    if (paths.size() > kMaxOpenPaths) {
      record(paths);
      paths.clear();
    }
    return paths;
  }

  void record(const Paths& paths) {
    for (const Reference& path : paths)
      if (std::find(found_.begin(), found_.end(), path) == found_.end()) found_.push_back(path);
  }

  const Code& code_;
  std::vector<Reference> found_;
};

}  // namespace

std::vector<Reference> find_references(const Code& code) {
  return ReferenceReader(code).run();
}

}  // namespace skald::core
