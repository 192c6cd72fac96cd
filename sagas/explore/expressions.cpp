#include "sagas/explore/expressions.hpp"

#include "engine/core/path.hpp"
#include "sagas/expression_use.hpp"

namespace skald::sagas {
namespace {

class Gatherer {
 public:
  explicit Gatherer(const core::Definition& definition) : definition_(definition) {}

  std::vector<Expression> gather() {
    for (core::StepIndex i = 0; i < definition_.steps.size(); ++i) {
      const core::Step& step = definition_.steps[i];
      step_ = i;
      add(ExpressionRole::Condition, step.condition);
      std::visit(*this, step.kind);
      add(ExpressionRole::Output, step.output);
      if (step.undo) add_action(ExpressionRole::Undo, step.undo->action);
    }
    step_.reset();
    add(ExpressionRole::Other, definition_.output);
    return std::move(found_);
  }

  void operator()(const core::Action& action) { add_action(ExpressionRole::Other, action); }
  void operator()(const core::WaitFor& wait) { add(ExpressionRole::Filter, wait.where); }
  void operator()(const core::Wait& wait) { add(ExpressionRole::Time, wait.until); }
  void operator()(const core::SetValues& set) { add(ExpressionRole::Other, set.values); }
  void operator()(const core::Fail& fail) {
    for (const core::Template* words : {&fail.type, &fail.title, &fail.detail})
      add(ExpressionRole::Other, *words);
  }
  void operator()(const core::Switch& choice) {
    for (const auto& candidate : choice.cases) add(ExpressionRole::Condition, candidate.when);
  }
  void operator()(const core::Parallel&) {}
  void operator()(const core::ForEach& loop) { add(ExpressionRole::Items, loop.in); }

 private:
  void add_action(ExpressionRole role, const core::Action& action) {
    if (const auto* http = std::get_if<core::HttpAction>(&action)) {
      add(role, http->path);
      for (const auto& [name, value] : http->query) add(role, value);
      add(role, http->body);
    } else if (const auto* task = std::get_if<core::TaskAction>(&action)) {
      add(role, task->body);
    } else if (const auto* emit = std::get_if<core::EmitAction>(&action)) {
      add(role, emit->key);
      add(role, emit->data);
    } else if (const auto* child = std::get_if<core::SagaAction>(&action)) {
      add(role, child->input);
      add(role, child->business_key);
    }
  }
  void add(ExpressionRole role, const std::optional<core::Template>& value) {
    if (value) add(role, *value);
  }
  void add(ExpressionRole role, const core::Template& value) {
    if (value.is_constant()) return;
    const Json& source = value.source();
    found_.push_back({role, step_, value.references(),
                      source.is_string() ? source.as_string() : source.dump(),
                      [value](const Json& root) { return value.evaluate(root); }});
  }
  void add(ExpressionRole role, const core::PathTemplate& path) {
    if (path.references().empty()) return;
    found_.push_back({role, step_, path.references(), path.source(), [path](const Json& root) {
                        auto text = path.render(root);
                        return text ? Result<Json>(Json(*text)) : Result<Json>(text.error());
                      }});
  }

  const core::Definition& definition_;
  std::optional<core::StepIndex> step_;
  std::vector<Expression> found_;
};

}  // namespace

std::vector<Expression> expressions_of(const core::Definition& definition) {
  return Gatherer(definition).gather();
}

std::vector<core::Reference> reads_of(const std::vector<Expression>& expressions,
                                      const core::Definition& definition, const core::StepPath& path,
                                      bool undo) {
  const core::Step* step = definition.find_step(core::id_of(path));
  const core::StepIndex index = step ? definition.index_of(*step) : 0;
  std::vector<core::Reference> reads;
  for (const Expression& expression : expressions) {
    const bool of_it = step ? expression.step.value_or(index + 1) == index : !expression.step;
    if (of_it && (expression.role == ExpressionRole::Undo) == undo)
      reads.insert(reads.end(), expression.reads.begin(), expression.reads.end());
  }
  return reads;
}

std::optional<core::Reference> only_path(const Json& text, const std::vector<core::Reference>& reads) {
  if (!text.is_string()) return std::nullopt;
  std::string_view inside = text.as_string();
  if (!inside.starts_with("${") || !inside.ends_with('}')) return std::nullopt;
  inside = inside.substr(2, inside.size() - 3);
  while (inside.starts_with(' ')) inside.remove_prefix(1);
  while (inside.ends_with(' ')) inside.remove_suffix(1);
  for (const core::Reference& reference : reads)
    if (to_text(reference) == inside) return reference;
  return std::nullopt;
}

}  // namespace skald::sagas
