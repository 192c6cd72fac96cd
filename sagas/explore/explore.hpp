// explore: what can become of a saga of this definition, whatever services, clients and the clock do. Pure:
// nothing is called, and the same definition gives the same answer. `skald explore` shows it.
#pragma once

#include <string>
#include <vector>

#include "sagas/explore/findings.hpp"
#include "sagas/explore/walk.hpp"

namespace skald::sagas {

struct End {
  std::string text;  // "compensated, undo done", "stuck at pay", "stuck in the undo of pay"
  std::uint64_t histories = 0;
};

struct Exploration {
  std::string definition;  // its name
  std::size_t inputs = 0;  // how many kinds were made up
  std::uint64_t histories = 0;
  std::size_t situations = 0;
  bool complete = true;
  std::optional<int> most_troubles;
  std::vector<End> ends;
  std::size_t longest_events = 0;
  std::vector<std::string> longest;
  std::vector<Finding> findings;
  std::vector<std::string> not_reached;  // ids of steps that no history requested
  std::vector<std::string> unmade;       // where made-up values did not do
  std::vector<std::string> faults;       // of Skald itself

  // Whether it can leave an effect, or stand still, without the definition saying so.
  bool surprises() const;
};

Exploration explore(const core::Definition& definition, const WalkOptions& options = {});

// For people, under the name of the file.
std::string exploration_text(const Exploration& exploration, const std::string& file);
Json exploration_json(const Exploration& exploration, const std::string& file);

}  // namespace skald::sagas
