// `retry` and `retryPolicies`: what a file says about trying again, laid over the defaults of the place.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/core/definition.hpp"
#include "sagas/yaml.hpp"

namespace skald::sagas {

// Where a policy is used decides its defaults: 5 attempts, then undo; after the pivot and in undos without
// end.
enum class RetryPlace { Forward, AfterPivot, Undo };

// The fields that a file names; a named policy is used in places with different defaults.
struct RetryFields {
  std::optional<Duration> initial_interval;
  std::optional<double> backoff_coefficient;
  std::optional<Duration> maximum_interval;
  std::optional<std::uint32_t> maximum_attempts;
  std::optional<double> jitter;
  std::vector<std::string> non_retryable_errors;
  std::optional<core::OnExhausted> on_exhausted;

  core::RetryPolicy over_defaults_of(RetryPlace place) const;
};

class RetryLoader {
 public:
  explicit RetryLoader(FaultList& faults) : faults_(faults) {}

  // The map below `retryPolicies`.
  void read_policies(const Yaml& policies);
  // The value of `retry`: a policy's name or its fields.
  core::RetryPolicy read_retry(const Yaml& retry, RetryPlace place);
  // Warns of policies that no step names.
  void finish();

 private:
  struct Policy {
    RetryFields fields;
    Place place;
    bool used = false;
  };
  RetryFields read_fields(const Yaml& map, const std::string& what);

  FaultList& faults_;
  std::map<std::string, Policy> policies_;
};

}  // namespace skald::sagas
