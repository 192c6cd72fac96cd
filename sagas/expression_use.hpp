// ExpressionUse: one path that one expression of a definition reads, with its place. The loaders note every
// use here while they compile; soundness/references.cpp judges them when all steps are known.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/expression/template.hpp"
#include "sagas/yaml.hpp"

namespace skald::sagas {

// Where an expression stands, which decides what it sees.
enum class ExpressionSite {
  BusinessKey,
  StartOn,
  CancelOn,
  Condition,  // `if`, `when`
  Request,    // what a step is made of: paths, bodies, values, lists
  RequestHeader,
  EventFilter,  // `where` of waitFor
  StepOutput,
  UndoRequest,
  UndoHeader,
  SagaOutput,
  ServiceHeader,
  ViewRule
};

enum class ActionSide { Forward, Undo };

struct ExpressionUse {
  core::Reference reference;
  Place place;
  ExpressionSite site = ExpressionSite::Request;
  std::size_t step = 0;      // index of the step (or the rule of a view) it belongs to; else not used
  bool has_default = false;  // a default follows it (//), so its author knows that it may be absent
};

// Compiles values with expressions, faults at the place of the expression, uses noted.
class ExpressionReader {
 public:
  ExpressionReader(std::vector<ExpressionUse>& uses, FaultList& faults) : uses_(uses), faults_(faults) {}

  std::optional<core::Template> read(const Yaml& value, ExpressionSite site, std::size_t step = 0);
  // The same of a value that is one text, number or boolean: a list or a map is a fault.
  std::optional<core::Template> read_single(const Yaml& value, ExpressionSite site, std::size_t step = 0);
  std::optional<core::PathTemplate> read_path(const Yaml& value, ExpressionSite site, std::size_t step);

 private:
  bool check(const Yaml& value, ExpressionSite site, std::size_t step);
  void note(const Yaml& text, const std::vector<core::Reference>& references, ExpressionSite site,
            std::size_t step);

  std::vector<ExpressionUse>& uses_;
  FaultList& faults_;
};

// One expression and nothing else: it keeps the type of its result. Anything else is the value that is
// written.
bool is_one_expression(const core::Template& value);

// ".steps.enroll.output"
std::string to_text(const core::Reference& reference);

}  // namespace skald::sagas
