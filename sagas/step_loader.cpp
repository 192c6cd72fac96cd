#include "sagas/step_loader.hpp"

#include <algorithm>

#include "sagas/action_loader.hpp"
#include "sagas/vocabulary.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// Ids stand in step paths ("lines[3].reserve"), in idempotency keys ("saga:step:undo") and in expressions.
constexpr std::size_t kLongestId = 63;

bool is_step_id(std::string_view id) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && id.size() <= kLongestId && is_letter(id.front()) &&
         std::all_of(id.begin(), id.end(), is_inner);
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_kind(std::string_view word) {
  return word == "http" || contains(kKindsToCome, word);
}

}  // namespace

void StepLoader::read(const Yaml& node) {
  StepSource source{node, {}, {}, {}};
  core::Step step;
  const std::size_t index = draft_.steps.size();
  YamlReader reader(node, "a step", faults_);
  read_id(reader, step);
  read_kind(reader, source, step);
  step.title = reader.text("title").value_or("");
  if (const auto condition = reader.any("if"))
    step.condition = expressions_.read_single(*condition, ExpressionSite::Condition, index);
  step.effort.timeout = reader.duration("timeout");
  step.effort.total_timeout = reader.duration("totalTimeout");
  const RetryPlace place = after_pivot_ ? RetryPlace::AfterPivot : RetryPlace::Forward;
  const auto retry = reader.any("retry");
  step.effort.retry = retry ? retries_.read_retry(*retry, place) : RetryFields{}.over_defaults_of(place);
  if (const auto output = reader.any("output"))
    step.output = expressions_.read(*output, ExpressionSite::StepOutput, index);
  if (const auto compensate = reader.any("compensate")) read_compensate(*compensate, source, step);
  step.pivot = reader.boolean("pivot").value_or(false);
  step.optional = reader.boolean("optional").value_or(false);
  reader.finish();

  after_pivot_ = after_pivot_ || step.pivot;
  draft_.definition.add(std::move(step));
  draft_.steps.push_back(std::move(source));
}

void StepLoader::read_id(YamlReader& reader, core::Step& step) {
  reader.require("id");
  const auto node = reader.any("id");
  const auto id = node ? read_text(*node, faults_) : std::nullopt;
  if (!id) return;
  if (!is_step_id(*id))
    faults_.error(node->place(), "'" + *id + "' cannot be the id of a step",
                  "use letters, digits, '_' and '-', a letter first, at most 63");
  else if (std::any_of(draft_.definition.steps.begin(), draft_.definition.steps.end(),
                       [&](const core::Step& earlier) { return earlier.id == *id; }))
    faults_.error(node->place(), "the id '" + *id + "' is taken by an earlier step");
  step.id = *id;
}

void StepLoader::read_kind(YamlReader& reader, StepSource& source, core::Step& step) {
  std::string first;
  for (const Yaml::Member& member : source.node.members()) {
    if (!is_kind(member.key)) continue;
    if (!first.empty())
      faults_.error(member.key_place, "a step has one kind, and this one is '" + first + "' already",
                    "make '" + member.key + "' a step of its own");
    else if (member.key != "http")
      faults_.error(member.key_place, not_supported_yet(member.key));
    first = member.key;
  }
  const auto http = reader.any("http");
  for (const std::string_view kind : kKindsToCome) reader.any(kind);
  if (http && http->is(Yaml::Kind::Map)) source.action = http;
  if (http)
    step.kind = read_http_action(*http, ActionSide::Forward, draft_.steps.size(), expressions_, faults_);
  else if (first.empty() && reader.is_map())
    faults_.error(source.node.place(), "this step says not what it does", "give it a kind, such as http");
}

void StepLoader::read_compensate(const Yaml& value, StepSource& source, core::Step& step) {
  source.compensate = value;
  if (value.is(Yaml::Kind::Text) && value.text() == "none") return;
  if (!value.is(Yaml::Kind::Map)) return expected("an action such as { http: … }, or none", value, faults_);

  YamlReader reader(value, "compensate", faults_);
  for (const std::string_view kind : kUndoKindsToCome) reader.refuse(kind, not_supported_yet(kind));
  const bool to_come = std::any_of(kUndoKindsToCome.begin(), kUndoKindsToCome.end(),
                                   [&](std::string_view kind) { return value.find(kind).has_value(); });
  core::Undo undo;
  const auto http = reader.any("http");
  if (http)
    undo.action = read_http_action(*http, ActionSide::Undo, draft_.steps.size(), expressions_, faults_);
  else if (!to_come)
    reader.require("http");
  if (http && http->is(Yaml::Kind::Map)) source.undo_action = http;
  undo.effort.timeout = reader.duration("timeout");
  const auto retry = reader.any("retry");
  undo.effort.retry = retry ? retries_.read_retry(*retry, RetryPlace::Undo)
                            : RetryFields{}.over_defaults_of(RetryPlace::Undo);
  reader.finish();
  step.undo = std::move(undo);
}

}  // namespace skald::sagas
