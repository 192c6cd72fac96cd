#include "sagas/definition_loader.hpp"

#include "engine/base/sha256.hpp"
#include "sagas/event_loader.hpp"
#include "sagas/names.hpp"
#include "sagas/schema.hpp"
#include "sagas/soundness/soundness.hpp"
#include "sagas/step_loader.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// Reads the top level of a document; the steps are step_loader's.
class DefinitionLoader {
 public:
  DefinitionLoader(const Yaml& document, FaultList& faults)
      : draft_(document), faults_(faults), expressions_(draft_.uses, faults), retries_(faults) {}

  Draft& load() {
    YamlReader top(draft_.source, "a saga", faults_);
    if (!top.is_map()) return draft_;
    core::Definition& definition = draft_.definition;
    top.require("saga");
    if (const auto name = top.any("saga"))
      definition.name = read_name(*name, NameOf::Saga, faults_).value_or("");
    definition.title = top.text("title").value_or("");
    definition.description = top.text("description").value_or("");
    if (const auto key = top.any("businessKey"))
      definition.business_key = expressions_.read_single(*key, ExpressionSite::BusinessKey);
    if (const auto input = top.map("input")) read_input(*input);
    definition.timeout = top.duration("timeout");
    if (const auto events = top.any("startOn"))
      definition.start_on = read_start_on(*events, expressions_, faults_);
    draft_.answer_after = top.text("answerAfter");
    if (const auto policies = top.map("retryPolicies")) retries_.read_policies(*policies);
    if (const auto compensation = top.map("compensation")) read_compensation(*compensation);
    read_steps(top);
    read_cancel(top);
    if (const auto output = top.any("output"))
      definition.output = expressions_.read(*output, ExpressionSite::SagaOutput);
    top.finish();
    retries_.finish();
    return draft_;
  }

 private:
  void read_input(const Yaml& input) {
    YamlReader reader(input, "input", faults_);
    const auto schema = reader.any("schema");
    reader.finish();
    if (!schema) return;
    draft_.definition.input_schema = schema->to_json();
    const auto compiled = Schema::compile(draft_.definition.input_schema);
    if (compiled) return;
    for (const SchemaFault& fault : compiled.error())
      faults_.error(schema->place_of(fault.pointer), "input.schema" + fault.pointer + ": " + fault.message);
  }

  // After the steps: whether there is a pivot decides the defaults.
  void read_cancel(YamlReader& top) {
    core::Definition& definition = draft_.definition;
    const auto standard = definition.pivot() ? core::CancelUntil::Pivot : core::CancelUntil::End;
    definition.cancel_until = top.one_of("cancelUntil", cancel_until_words()).value_or(standard);
    if (const auto events = top.any("cancelOn"))
      definition.cancel_on = read_cancel_on(*events, definition.cancel_until, expressions_, faults_);
  }

  void read_compensation(const Yaml& compensation) {
    YamlReader reader(compensation, "compensation", faults_);
    draft_.definition.undo_order =
        reader
            .one_of<core::UndoOrder>(
                "order", {{"reverse", core::UndoOrder::Reverse}, {"parallel", core::UndoOrder::Parallel}})
            .value_or(core::UndoOrder::Reverse);
    draft_.definition.on_undo_failure =
        reader
            .one_of<core::OnUndoFailure>("onFailure", {{"stuck", core::OnUndoFailure::Stuck},
                                                       {"continue", core::OnUndoFailure::Continue}})
            .value_or(core::OnUndoFailure::Stuck);
    reader.finish();
  }

  void read_steps(YamlReader& top) {
    top.require("steps");
    const auto steps = top.list("steps");
    if (!steps) return;
    const std::size_t count = count_steps(*steps);
    if (count > kMaxSteps)
      return faults_.error(
          steps->place(),
          "a saga has at most " + std::to_string(kMaxSteps) + " steps, this one " + std::to_string(count),
          "divide it into several sagas");
    StepLoader(draft_, retries_, faults_).read_sequence(*steps, 0, "a saga");
  }

  Draft draft_;
  FaultList& faults_;
  ExpressionReader expressions_;
  RetryLoader retries_;
};

}  // namespace

LoadedDefinition load_definition(std::string_view text, std::string file, const ServiceRegistry* services) {
  FaultList faults(std::move(file));
  LoadedDefinition loaded;
  if (const auto document = Yaml::parse(text, faults)) {
    loaded.canonical = document->to_json();
    DefinitionLoader loader(*document, faults);
    Draft& draft = loader.load();
    check_soundness(draft, services, faults);
    if (!faults.has_errors()) {
      draft.definition.hash = sha256_hex(loaded.canonical.canonical());
      loaded.definition = std::move(draft.definition);
    }
  }
  loaded.faults = faults.take();
  return loaded;
}

}  // namespace skald::sagas
