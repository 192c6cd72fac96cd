// View: what a NAME.view.yaml declares, checked and compiled. Made by view_loader.hpp, never changed; the
// fold (fold.hpp) reads it, the event store gets its table.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/expression/template.hpp"
#include "eventstore/view_table.hpp"

namespace skald::views {

// What a rule gives to one column. The column's Merge says how: set, add, max, min or append.
struct Fold {
  std::size_t column = 0;  // in View::table.columns, behind the key
  core::Template value;
};

struct Rule {
  std::vector<std::string> events;  // "StepSucceeded"; any of these, at least one
  std::string saga;                 // name of the definition; empty: any
  std::string step;                 // id of the step, in whatever item of a forEach; empty: any
  std::string name;                 // of an EventReceived; empty: any
  std::optional<core::Template> condition;
  std::vector<core::Template> key;  // one for each column of the key, in their order
  std::vector<Fold> folds;          // by column
  bool remove = false;              // the row goes; then there are no folds
  int line = 0;                     // of the file, for messages
};

struct View {
  store::ViewTable table;  // table.view is its name
  std::vector<Rule> rules;
  std::map<std::string, std::vector<std::size_t>, std::less<>> rules_by_event;  // see rules_of
  std::vector<core::Reference> reads;                                           // of all their expressions
  // Every row belongs to one partition: some column of the key is .saga.id or .saga.businessKey in all rules.
  bool ordered = false;
  // Whether a rule looks at the saga: its definition's name, .input, .steps, .error, or more of .saga than
  // the id. Without it the fold needs the event alone.
  bool needs_state = false;
  // What a later event of a batch overwrites need not be computed (lasting.hpp): no value can fail or misfit,
  // whatever the log holds, and what a saga's events `set` goes to one row. The built-in views, and tested.
  bool skips_overwritten = false;
  // Its rows outlive the sagas they tell of (retention): no rebuild may lose them.
  bool keeps_rows = true;
  // By column: how many bytes of a value an index bears; 0 where the column is in none.
  std::vector<std::size_t> longest;
  std::string hash;    // hex, of the canonical form: equal for texts that mean the same
  Json canonical;      // the document without comments and places
  std::string source;  // the text as it was given

  const std::string& name() const { return table.view; }
  // Those that name that type of event, by their place in `rules`, in the order of the file.
  const std::vector<std::size_t>& rules_of(std::string_view event_type) const;
  // Whether there are any: other events need not be shown to the fold.
  bool concerns(std::string_view event_type) const { return !rules_of(event_type).empty(); }
};

}  // namespace skald::views
