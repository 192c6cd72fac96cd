// Steps: each one's id, its one kind, and what stands beside it; and the sequences of steps that some kinds
// hold.
#pragma once

#include "sagas/draft.hpp"
#include "sagas/retry_loader.hpp"
#include "sagas/step_words.hpp"

namespace skald::sagas {

class YamlReader;

// A sequence inside of more sequences than these cannot be followed by anybody who reads it.
inline constexpr std::size_t kMaxNesting = 8;

// All steps of that list, those inside of others too. Nothing is checked.
std::size_t count_steps(const Yaml& steps);

class StepLoader {
 public:
  StepLoader(Draft& draft, RetryLoader& retries, FaultList& faults)
      : draft_(draft), retries_(retries), expressions_(draft.uses, faults), faults_(faults) {}

  // Appends the steps to the draft, whatever is wrong with them. `owner` names what they belong to: "a saga".
  void read_sequence(const Yaml& steps, core::BlockIndex block, const std::string& owner);

 private:
  void read(const Yaml& node, core::BlockIndex block);
  void read_id(YamlReader& reader, core::Step& step);
  const StepWord* read_kind(YamlReader& reader, StepSource& source, core::Step& step);
  core::StepKind read_value(const StepWord& kind, const Yaml& node);
  // A fault for whatever of it stands beside a kind that is not tried again.
  core::Effort read_effort(YamlReader& reader, const StepWord* kind, RetryPlace place);
  void read_marks(YamlReader& reader, const StepWord* kind, StepSource& source, core::Step& step);
  void read_compensate(const Yaml& value, StepSource& source, core::Step& step);
  core::Undo read_undo(const Yaml& value, StepSource& source);

  // step_containers.cpp
  void read_blocks(core::StepIndex index);
  core::Switch read_switch(const Yaml& cases, core::StepIndex index);
  core::Switch::Case read_case(const Yaml& node, core::StepIndex index, bool last);
  core::Parallel read_parallel(const Yaml& node, core::StepIndex index);
  core::ForEach read_for_each(const Yaml& node, core::StepIndex index);
  core::BlockIndex read_block(YamlReader& reader, core::StepIndex index, const std::string& owner);

  Draft& draft_;
  RetryLoader& retries_;
  ExpressionReader expressions_;
  FaultList& faults_;
  std::size_t nesting_ = 0;
  bool after_pivot_ = false;
};

}  // namespace skald::sagas
