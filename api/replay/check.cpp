#include "api/replay/check.hpp"

#include <map>
#include <set>

#include "api/replay/progress.hpp"
#include "api/replay/recorded.hpp"
#include "engine/runtime/business_key.hpp"
#include "sagas/schema.hpp"

namespace skald::api {
namespace {

// Expressions over an answer: answers are not in the log, only what these made of them.
std::set<std::string> changed_outputs(const core::Definition& own, const core::Definition& changed) {
  std::set<std::string> steps;
  for (const core::Step& step : changed.steps) {
    const auto* action = std::get_if<core::Action>(&step.kind);
    const core::Step* before = own.find_step(step.id);
    const bool of_answers = action && (std::holds_alternative<core::HttpAction>(*action) ||
                                       std::holds_alternative<core::TaskAction>(*action));
    if (!before || !of_answers) continue;
    const auto text = [](const core::Step& one) { return one.output ? one.output->source() : Json(); };
    if (text(*before) != text(step)) steps.insert(step.id);
  }
  return steps;
}

class Checking {
 public:
  Checking(const core::Definition& changed, sagas::Catalog catalog)
      : changed_(changed), catalog_(std::move(catalog)) {
    if (changed.input_schema.is_null()) return;
    auto compiled = sagas::Schema::compile(changed.input_schema);
    if (compiled) schema_ = std::move(*compiled);
  }

  std::optional<core::Difference> of(const store::KeptSaga& saga) {
    const auto events = events_of(saga.events);
    if (!events) return unlike(events.error().message);
    const auto* started = events->empty() ? nullptr : std::get_if<core::SagaStarted>(&events->front().fact);
    if (!started) return unlike("it has no beginning");
    const auto own = catalog_.by_hash(started->definition);
    if (!own) return unlike("its own definition is not kept any more");
    if (auto difference = of_start(*started, saga.row.id)) return difference;
    for (const auto& step : changed_outputs(*own->definition, changed_)) changed_outputs_.insert(step);
    return core::retell_changed(version(own->definition->version), *own->definition, saga.row.id, *events);
  }
  const std::set<std::string>& outputs() const { return changed_outputs_; }

 private:
  static core::Difference unlike(std::string why) {
    return {1, core::Phase::NotStarted, "SagaStarted", "nothing", std::move(why)};
  }

  // What decides about a start before it begins.
  std::optional<core::Difference> of_start(const core::SagaStarted& started, const SagaId& id) const {
    if (schema_)
      if (const auto faults = schema_->validate(started.input); !faults.empty())
        return unlike("its input would be refused: " + faults.front().pointer + ": " +
                      faults.front().message);
    if (started.parent) return std::nullopt;  // a parent may name the key
    const auto key = runtime::business_key_of(changed_, started.input);
    if (!key) return unlike(key.error().message);
    const std::string expected = key->value_or(to_text(id));
    if (expected == started.business_key) return std::nullopt;
    return unlike("its business key would be " + expected + " instead of " + started.business_key);
  }

  // Expressions may read .saga.version; the record's own is no difference.
  const core::Definition& version(std::int32_t number) {
    auto [known, fresh] = by_version_.try_emplace(number, changed_);
    if (fresh) known->second.version = number;
    return known->second;
  }

  const core::Definition& changed_;
  sagas::Catalog catalog_;
  std::optional<sagas::Schema> schema_;
  std::map<std::int32_t, core::Definition> by_version_;
  std::set<std::string> changed_outputs_;
};

}  // namespace

Result<Checked> check(store::Archive& archive, const core::Definition& changed, std::size_t sample,
                      const std::function<void(Divergence)>& report) {
  const auto definitions = archive.definitions();
  if (!definitions) return definitions.error();
  Checking checking(changed, catalog_of(*definitions));
  Checked checked;
  Progress progress("checking", "sagas", sample);
  const auto all = archive.sample(changed.name, sample, [&](store::KeptSaga saga) -> Result<void> {
    ++checked.sagas;
    progress.add();
    auto difference = checking.of(saga);
    if (!difference) return {};
    ++checked.diverged;
    report({saga.row.id, saga.row.start.definition_version, saga.row.status.status, std::move(*difference)});
    return {};
  });
  if (!all) return all.error();
  for (const auto& step : checking.outputs())
    checked.not_compared.push_back(
        "the output of '" + step +
        "' is computed in another way from its answer, which the log does not keep: "
        "what was recorded is taken instead");
  return checked;
}

}  // namespace skald::api
