// One step of `steps`: its id, its one kind, and what stands beside it.
#pragma once

#include "sagas/draft.hpp"
#include "sagas/retry_loader.hpp"

namespace skald::sagas {

class YamlReader;

class StepLoader {
 public:
  StepLoader(Draft& draft, RetryLoader& retries, FaultList& faults)
      : draft_(draft), retries_(retries), expressions_(draft.uses, faults), faults_(faults) {}

  // Appends the step to the draft, whatever is wrong with it.
  void read(const Yaml& node);

 private:
  void read_id(YamlReader& reader, core::Step& step);
  void read_kind(YamlReader& reader, StepSource& source, core::Step& step);
  void read_compensate(const Yaml& value, StepSource& source, core::Step& step);

  Draft& draft_;
  RetryLoader& retries_;
  ExpressionReader expressions_;
  FaultList& faults_;
  bool after_pivot_ = false;
};

}  // namespace skald::sagas
