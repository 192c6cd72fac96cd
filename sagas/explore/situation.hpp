// situation: what of a state decides about everything that can still happen, and about how it will be told.
// States in one situation are one to the walk: that is what keeps the number of them small.
#pragma once

#include <string>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::sagas {

class Situations {
 public:
  explicit Situations(const core::Definition& definition);

  // Equal for states in one situation. Which input it began with is the caller's to add.
  std::string of(const core::State& state, Timestamp now) const;

 private:
  void add_steps(std::string& key, const core::State& state, Timestamp now) const;
  void add_order(std::string& key, const core::State& state) const;
  void add_cause(std::string& key, const core::State& state) const;

  const core::Definition& definition_;
  bool reads_error_ = false;
};

}  // namespace skald::sagas
