#include "sagas/step_loader.hpp"

#include <algorithm>

#include "sagas/action_loader.hpp"
#include "sagas/names.hpp"
#include "sagas/wait_loader.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// "a switch"
std::string named(const StepWord& kind) {
  return std::string(kind.article) + ' ' + std::string(kind.word);
}

std::string remedy_for(const StepWord& kind, std::string_view key) {
  if (kind.container) return "give it to the steps inside";
  if (kind.word == "waitFor" && key == "timeout") return "write it inside: waitFor: { event: …, timeout: … }";
  if (kind.word == "saga") return "the child's own definition says how long it may take";
  return "remove it";
}

core::Fail read_fail(const Yaml& node, std::size_t step, ExpressionReader& expressions, FaultList& faults) {
  core::Fail fail;
  YamlReader reader(node, "fail", faults);
  for (const auto& [key, target] :
       {std::pair{"type", &fail.type}, {"title", &fail.title}, {"detail", &fail.detail}})
    if (const auto value = reader.any(key))
      *target = expressions.read_single(*value, ExpressionSite::Request, step).value_or(core::Template{});
  reader.finish();
  return fail;
}

core::SetValues read_set(const Yaml& node, std::size_t step, ExpressionReader& expressions,
                         FaultList& faults) {
  if (!node.is(Yaml::Kind::Map)) {
    expected("a map of values", node, faults);
    return {};
  }
  return {expressions.read(node, ExpressionSite::Request, step).value_or(core::Template{})};
}

void refuse_marks_of_fail(YamlReader& reader) {
  reader.refuse("output", "a fail has no output: the saga does not go on from there", "remove it");
  reader.refuse("compensate", "a fail has no undo of its own", "remove it");
  reader.refuse("optional", "a fail cannot be optional", "remove it, or the step");
  reader.refuse("pivot", "a fail cannot be the pivot", "mark a step before it");
}

void refuse_marks_of_container(YamlReader& reader, const StepWord& kind) {
  reader.refuse("compensate", named(kind) + " has no undo of its own", "give it to the steps inside");
  reader.refuse("optional", named(kind) + " cannot be optional", "mark the steps inside");
  // The pivot cannot be in a branch or with an item either.
  const bool one_way = kind.word == "switch";
  reader.refuse("pivot", named(kind) + " cannot be the pivot",
                one_way ? "mark a step inside" : "mark a step before or after it");
}

}  // namespace

void StepLoader::read(const Yaml& node, core::BlockIndex block) {
  StepSource source{node, {}, {}, {}, after_pivot_};
  core::Step step;
  const core::StepIndex index = draft_.steps.size();
  YamlReader reader(node, "a step", faults_);
  read_id(reader, step);
  const StepWord* kind = read_kind(reader, source, step);
  step.title = reader.text("title").value_or("");
  if (const auto condition = reader.any("if"))
    step.condition = expressions_.read_single(*condition, ExpressionSite::Condition, index);
  step.effort = read_effort(reader, kind, after_pivot_ ? RetryPlace::AfterPivot : RetryPlace::Forward);
  read_marks(reader, kind, source, step);
  reader.finish();

  after_pivot_ = after_pivot_ || step.pivot;
  draft_.definition.add(std::move(step), block);
  draft_.steps.push_back(std::move(source));
  read_blocks(index);
}

void StepLoader::read_id(YamlReader& reader, core::Step& step) {
  reader.require("id");
  const auto node = reader.any("id");
  const auto id = node ? read_name(*node, NameOf::Step, faults_) : std::nullopt;
  if (!id) return;
  if (draft_.index_of(*id))
    faults_.error(node->place(), "the id '" + *id + "' is taken by an earlier step",
                  "ids are unique in a file, inside of other steps too");
  step.id = *id;
}

const StepWord* StepLoader::read_kind(YamlReader& reader, StepSource& source, core::Step& step) {
  const StepWord* kind = nullptr;
  for (const Yaml::Member& member : source.node.members()) {
    const StepWord* word = find_step_word(member.key);
    if (word == nullptr) continue;
    if (kind != nullptr)
      faults_.error(member.key_place,
                    "a step has one kind, and this one is '" + std::string(kind->word) + "' already",
                    "make '" + member.key + "' a step of its own");
    else
      kind = word;
  }
  for (const StepWord& known : kStepWords) reader.any(known.word);
  if (kind == nullptr) {
    if (reader.is_map())
      faults_.error(source.node.place(), "this step says not what it does", "give it a kind, such as http");
    return nullptr;
  }
  const Yaml value = *source.node.find(kind->word);
  const Yaml::Kind wanted = kind->word == "switch" ? Yaml::Kind::List : Yaml::Kind::Map;
  if (value.is(wanted) || (kind->word == "wait" && value.is(Yaml::Kind::Text))) source.action = value;
  if (kind->container && !source.action)  // its loader needs the steps inside, and is not called then
    expected(wanted == Yaml::Kind::List ? "a list of cases" : std::string(kind->word) + " (a map)", value,
             faults_);
  step.kind = read_value(*kind, value);
  return kind;
}

// Of a container only what it is: its steps come after it.
core::StepKind StepLoader::read_value(const StepWord& kind, const Yaml& node) {
  const core::StepIndex index = draft_.steps.size();
  if (kind.word == "waitFor") return read_wait_for(node, index, expressions_, faults_);
  if (kind.word == "wait") return read_wait(node, index, expressions_, faults_);
  if (kind.word == "set") return read_set(node, index, expressions_, faults_);
  if (kind.word == "fail") return read_fail(node, index, expressions_, faults_);
  if (kind.word == "switch") return core::Switch{};
  if (kind.word == "parallel") return core::Parallel{};
  if (kind.word == "forEach") return core::ForEach{};
  return read_action(kind.word, node, ActionSide::Forward, index, expressions_, faults_);
}

core::Effort StepLoader::read_effort(YamlReader& reader, const StepWord* kind, RetryPlace place) {
  core::Effort effort;
  effort.retry = RetryFields{}.over_defaults_of(place);
  if (kind != nullptr && !kind->tried_again) {
    for (const std::string_view key : {"timeout", "totalTimeout", "retry"})
      reader.refuse(key, "'" + std::string(key) + "' has no meaning beside " + named(*kind),
                    remedy_for(*kind, key));
    return effort;
  }
  effort.timeout = reader.duration("timeout");
  if (place != RetryPlace::Undo) effort.total_timeout = reader.duration("totalTimeout");
  if (const auto retry = reader.any("retry")) effort.retry = retries_.read_retry(*retry, place);
  return effort;
}

void StepLoader::read_marks(YamlReader& reader, const StepWord* kind, StepSource& source, core::Step& step) {
  if (kind != nullptr && kind->word == "fail") return refuse_marks_of_fail(reader);
  if (const auto output = reader.any("output"))
    step.output = expressions_.read(*output, ExpressionSite::StepOutput, draft_.steps.size());
  if (kind != nullptr && kind->container) return refuse_marks_of_container(reader, *kind);
  if (const auto compensate = reader.any("compensate")) read_compensate(*compensate, source, step);
  step.pivot = reader.boolean("pivot").value_or(false);
  step.optional = reader.boolean("optional").value_or(false);
}

void StepLoader::read_compensate(const Yaml& value, StepSource& source, core::Step& step) {
  source.compensate = value;
  step.keeps_effect = value.is(Yaml::Kind::Text) && value.text() == "none";
  if (step.keeps_effect) return;
  if (value.is(Yaml::Kind::Map))
    step.undo = read_undo(value, source);
  else
    expected("an action such as { http: … }, or none", value, faults_);
}

core::Undo StepLoader::read_undo(const Yaml& value, StepSource& source) {
  core::Undo undo;
  YamlReader reader(value, "compensate", faults_);
  const StepWord* kind = nullptr;
  for (const std::string_view word : kActionWords) {
    const auto action = reader.any(word);
    if (action && kind != nullptr) {
      faults_.error(value.key_place(word),
                    "an undo is one action, and this one is '" + std::string(kind->word) + "' already",
                    "put what belongs together into a child saga");
    } else if (action) {
      kind = find_step_word(word);
      undo.action = read_action(word, *action, ActionSide::Undo, draft_.steps.size(), expressions_, faults_);
      if (action->is(Yaml::Kind::Map)) source.undo_action = action;
    }
  }
  if (kind == nullptr)
    faults_.error(value.place(), "this compensate says not what it does",
                  "give it an action: http, task, emit or saga; or say none");
  undo.effort = read_effort(reader, kind, RetryPlace::Undo);
  reader.finish();
  return undo;
}

}  // namespace skald::sagas
