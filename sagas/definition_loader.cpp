#include "sagas/definition_loader.hpp"

#include <algorithm>

#include "engine/base/sha256.hpp"
#include "sagas/schema.hpp"
#include "sagas/soundness/soundness.hpp"
#include "sagas/step_loader.hpp"
#include "sagas/vocabulary.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

constexpr std::size_t kLongestName = 63;

bool is_saga_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), is_inner);
}

// Reads the top level of a document; the steps are step_loader's.
class DefinitionLoader {
 public:
  DefinitionLoader(const Yaml& document, FaultList& faults)
      : draft_(document), faults_(faults), expressions_(draft_.uses, faults), retries_(faults) {}

  Draft& load() {
    YamlReader top(draft_.source, "a saga", faults_);
    if (!top.is_map()) return draft_;
    core::Definition& definition = draft_.definition;
    for (const std::string_view word : kTopLevelToCome) top.refuse(word, not_supported_yet(word));
    read_name(top);
    definition.title = top.text("title").value_or("");
    definition.description = top.text("description").value_or("");
    if (const auto key = top.any("businessKey"))
      definition.business_key = expressions_.read_single(*key, ExpressionSite::BusinessKey);
    if (const auto input = top.map("input")) read_input(*input);
    definition.timeout = top.duration("timeout");
    draft_.answer_after = top.text("answerAfter");
    read_cancel_until(top);
    if (const auto policies = top.map("retryPolicies")) retries_.read_policies(*policies);
    if (const auto compensation = top.map("compensation")) read_compensation(*compensation);
    read_steps(top);
    if (const auto output = top.any("output"))
      definition.output = expressions_.read(*output, ExpressionSite::SagaOutput);
    top.finish();
    retries_.finish();
    return draft_;
  }

 private:
  void read_name(YamlReader& top) {
    top.require("saga");
    const auto node = top.any("saga");
    const auto name = node ? read_text(*node, faults_) : std::nullopt;
    if (name && !is_saga_name(*name))
      faults_.error(node->place(), "'" + *name + "' cannot be the name of a saga",
                    "use a-z, 0-9 and '-', a letter first, at most 63");
    draft_.definition.name = name.value_or("");
  }

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

  void read_cancel_until(YamlReader& top) {
    const auto until = top.one_of<core::CancelUntil>("cancelUntil", {{"pivot", core::CancelUntil::Pivot},
                                                                     {"end", core::CancelUntil::End},
                                                                     {"forever", core::CancelUntil::Forever},
                                                                     {"never", core::CancelUntil::Never}});
    cancel_until_is_given_ = until.has_value();
    draft_.definition.cancel_until = until.value_or(core::CancelUntil::End);
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
    if (steps->size() == 0) faults_.error(steps->place(), "a saga has at least one step");
    if (steps->size() > kMaxSteps)
      return faults_.error(steps->place(),
                           "a saga has at most " + std::to_string(kMaxSteps) + " steps, this one " +
                               std::to_string(steps->size()),
                           "divide it into several sagas");
    StepLoader loader(draft_, retries_, faults_);
    for (const Yaml& step : steps->items()) loader.read(step);
    if (!cancel_until_is_given_ && draft_.definition.pivot())
      draft_.definition.cancel_until = core::CancelUntil::Pivot;
  }

  Draft draft_;
  FaultList& faults_;
  ExpressionReader expressions_;
  RetryLoader retries_;
  bool cancel_until_is_given_ = false;
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
