// RuleLoader: `rules`, what each one filters by and what it does to the row.
#pragma once

#include "projections/view_draft.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::views {

// A list in a row is written anew whenever something is put in front of it.
inline constexpr std::int64_t kMaxListed = 100;
// Each event of the log is held against each of them.
inline constexpr std::size_t kMaxRules = 200;

class RuleLoader {
 public:
  RuleLoader(ViewDraft& draft, sagas::FaultList& faults)
      : draft_(draft), faults_(faults), expressions_(draft.uses, faults) {}

  // `key`: the view's, for rules that have none of their own.
  void read_rules(sagas::YamlReader& view, const std::optional<sagas::Yaml>& key);

 private:
  void read(const sagas::Yaml& node, const std::optional<sagas::Yaml>& key);
  void read_events(sagas::YamlReader& reader, Rule& rule);
  void read_filters(sagas::YamlReader& reader, Rule& rule);
  void read_condition(sagas::YamlReader& reader, Rule& rule);
  void read_key(const sagas::Yaml& key, Rule& rule);
  void read_folds(sagas::YamlReader& reader, Rule& rule);
  void read_append(const sagas::Yaml& append, Rule& rule);
  void read_fold(FoldWord word, const std::string& column, sagas::Place place, const sagas::Yaml& value,
                 Rule& rule);
  bool claim(DraftColumn& column, FoldWord word, sagas::Place place);
  std::optional<core::Template> read_value(const store::ViewColumn& column, const sagas::Yaml& value);
  std::size_t rule_index() const { return draft_.rules.size(); }

  ViewDraft& draft_;
  sagas::FaultList& faults_;
  sagas::ExpressionReader expressions_;
};

}  // namespace skald::views
