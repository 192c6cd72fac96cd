// ViewDraft: a view while it is being loaded, together with where each part stands in its file. The loaders
// fill it as far as the file allows; view_checks.hpp then says what is wrong with the whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/view.hpp"
#include "sagas/expression_use.hpp"
#include "sagas/yaml.hpp"

namespace skald::views {

// How a rule changes a column, as the language calls it.
enum class FoldWord { Set, Add, Max, Min, Append };
std::string_view to_text(FoldWord word);

struct DraftColumn {
  std::string name;
  sagas::Place place;
  bool is_key = false;
  std::optional<store::ColumnType> type;  // none: faulty, and reported
  std::optional<FoldWord> written_by;     // by the first rule that writes it
  std::size_t limit = 0;                  // of append
};

struct DraftRule {
  Rule rule;
  sagas::Yaml node;
  sagas::Yaml key;  // its own, else the view's
};

struct ViewDraft {
  std::string name;
  std::vector<DraftColumn> columns;  // in the order of the table: those of the key first
  std::vector<DraftRule> rules;
  std::vector<std::vector<std::string>> indexes;
  bool keeps_rows = true;
  std::vector<sagas::ExpressionUse> uses;  // `step` is the index of the rule

  std::optional<std::size_t> index_of(std::string_view column) const;
  std::size_t key_columns() const;
  std::vector<std::string> column_names() const;
};

}  // namespace skald::views
