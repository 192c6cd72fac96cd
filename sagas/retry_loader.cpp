#include "sagas/retry_loader.hpp"

#include "sagas/suggestion.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// One every second for thirty years: a number above it is a mistake, and 0 says "without end".
constexpr std::int64_t kMostAttempts = 1'000'000'000;
// The second wait would already be a thousand times the first.
constexpr double kHighestCoefficient = 1'000;

std::vector<std::string> read_texts(const Yaml& list, FaultList& faults) {
  std::vector<std::string> texts;
  for (const Yaml& item : list.items())
    if (auto text = read_text(item, faults)) texts.push_back(std::move(*text));
  return texts;
}

}  // namespace

core::RetryPolicy RetryFields::over_defaults_of(RetryPlace place) const {
  core::RetryPolicy policy;
  if (place != RetryPlace::Forward) {
    policy.maximum_attempts = 0;
    policy.on_exhausted = core::OnExhausted::Stuck;
  }
  policy.initial_interval = initial_interval.value_or(policy.initial_interval);
  policy.backoff_coefficient = backoff_coefficient.value_or(policy.backoff_coefficient);
  policy.maximum_interval = maximum_interval.value_or(policy.maximum_interval);
  policy.maximum_attempts = maximum_attempts.value_or(policy.maximum_attempts);
  policy.jitter = jitter.value_or(policy.jitter);
  policy.non_retryable_errors = non_retryable_errors;
  policy.on_exhausted = on_exhausted.value_or(policy.on_exhausted);
  return policy;
}

void RetryLoader::read_policies(const Yaml& policies) {
  for (const Yaml::Member& member : policies.members())
    policies_[member.key] = {read_fields(member.value, "the retry policy"), member.key_place};
}

core::RetryPolicy RetryLoader::read_retry(const Yaml& retry, RetryPlace place) {
  if (!retry.is(Yaml::Kind::Text)) {
    if (place == RetryPlace::Undo && retry.find("onExhausted"))
      faults_.error(retry.key_place("onExhausted"), "onExhausted has no meaning in an undo",
                    "the saga's compensation.onFailure says what happens when an undo is given up");
    return read_fields(retry, "retry").over_defaults_of(place);
  }
  const auto named = policies_.find(retry.text());
  if (named == policies_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, policy] : policies_) names.push_back(name);
    faults_.error(retry.place(), "there is no retry policy '" + retry.text() + "'",
                  names.empty() ? "declare it in retryPolicies" : suggestion(retry.text(), names));
    return RetryFields{}.over_defaults_of(place);
  }
  named->second.used = true;
  return named->second.fields.over_defaults_of(place);
}

void RetryLoader::finish() {
  for (const auto& [name, policy] : policies_)
    if (!policy.used)
      faults_.warning(policy.place, "no step uses the retry policy '" + name + "'", "remove it");
}

RetryFields RetryLoader::read_fields(const Yaml& map, const std::string& what) {
  YamlReader reader(map, what, faults_);
  RetryFields fields;
  fields.initial_interval = reader.duration("initialInterval");
  fields.backoff_coefficient = reader.number("backoffCoefficient", {1, kHighestCoefficient});
  fields.maximum_interval = reader.duration("maximumInterval");
  if (const auto attempts = reader.integer("maximumAttempts", {0, kMostAttempts}))
    fields.maximum_attempts = static_cast<std::uint32_t>(*attempts);
  fields.jitter = reader.number("jitter", {0, 1});
  if (const auto errors = reader.list("nonRetryableErrors"))
    fields.non_retryable_errors = read_texts(*errors, faults_);
  fields.on_exhausted = reader.one_of<core::OnExhausted>(
      "onExhausted", {{"compensate", core::OnExhausted::Compensate}, {"stuck", core::OnExhausted::Stuck}});
  reader.finish();

  const core::RetryPolicy policy = fields.over_defaults_of(RetryPlace::Forward);
  if (policy.initial_interval > policy.maximum_interval)
    faults_.error(map.key_place("initialInterval"),
                  "initialInterval (" + skald::to_text(policy.initial_interval) +
                      ") is longer than maximumInterval (" + skald::to_text(policy.maximum_interval) + ")",
                  fields.maximum_interval ? "" : "give a maximumInterval");
  return fields;
}

}  // namespace skald::sagas
