#include "sagas/schema_loop.hpp"

namespace skald::sagas {
namespace {

// The schemas that a rule applies to the very value its own schema is applied to.
struct AtSameValue {
  std::vector<SchemaNodeId> nodes;

  void operator()(const rules::Reference& rule) { nodes.push_back(rule.target); }
  void operator()(const rules::AllOf& rule) { add(rule.schemas); }
  void operator()(const rules::AnyOf& rule) { add(rule.schemas); }
  void operator()(const rules::OneOf& rule) { add(rule.schemas); }
  void operator()(const rules::Not& rule) { nodes.push_back(rule.schema); }
  void operator()(const rules::Condition& rule) {
    for (const auto& node : {rule.when, rule.then, rule.otherwise})
      if (node) nodes.push_back(*node);
  }
  void operator()(const rules::Dependencies& rule) {
    for (const auto& dependent : rule.schemas) nodes.push_back(dependent.schema);
  }
  template <class Other>
  void operator()(const Other&) {}

 private:
  void add(const std::vector<SchemaNodeId>& more) { nodes.insert(nodes.end(), more.begin(), more.end()); }
};

std::vector<SchemaNodeId> at_same_value(const SchemaNode& node) {
  AtSameValue found;
  for (const auto& rule : node.rules) std::visit(found, rule);
  return found.nodes;
}

// Depth first without recursion: a chain of references may be as long as the schema has nodes.
class LoopSearch {
 public:
  explicit LoopSearch(SchemaCompilation& compilation)
      : compilation_(compilation), marks_(compilation.compiled.nodes.size(), Mark::Unseen) {}

  void run() {
    for (SchemaNodeId node = 0; node < marks_.size(); ++node)
      if (marks_[node] == Mark::Unseen) follow(node);
  }

 private:
  enum class Mark { Unseen, OnTheWay, Done };
  struct Step {
    SchemaNodeId node;
    std::vector<SchemaNodeId> ahead;
  };

  void follow(SchemaNodeId start) {
    enter(start);
    while (!way_.empty()) {
      Step& step = way_.back();
      if (step.ahead.empty()) {
        marks_[step.node] = Mark::Done;
        way_.pop_back();
        continue;
      }
      const auto next = step.ahead.back();
      step.ahead.pop_back();
      if (marks_[next] == Mark::Unseen)
        enter(next);
      else if (marks_[next] == Mark::OnTheWay)
        compilation_.fault(compilation_.compiled.nodes[step.node].pointer,
                           "refers back to itself without going deeper into the value");
    }
  }

  void enter(SchemaNodeId node) {
    marks_[node] = Mark::OnTheWay;
    way_.push_back({node, at_same_value(compilation_.compiled.nodes[node])});
  }

  SchemaCompilation& compilation_;
  std::vector<Mark> marks_;
  std::vector<Step> way_;
};

}  // namespace

void refuse_schema_loops(SchemaCompilation& compilation) {
  LoopSearch(compilation).run();
}

}  // namespace skald::sagas
