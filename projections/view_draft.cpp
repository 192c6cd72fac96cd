#include "projections/view_draft.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace skald::views {

std::string_view to_text(FoldWord word) {
  switch (word) {
    case FoldWord::Set: return "set";
    case FoldWord::Add: return "add";
    case FoldWord::Max: return "max";
    case FoldWord::Min: return "min";
    case FoldWord::Append: return "append";
  }
  check_failed("word", __FILE__, __LINE__, "every fold has its word");
}

std::optional<std::size_t> ViewDraft::index_of(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == column) return i;
  return std::nullopt;
}

std::size_t ViewDraft::key_columns() const {
  return static_cast<std::size_t>(
      std::count_if(columns.begin(), columns.end(), [](const DraftColumn& column) { return column.is_key; }));
}

std::vector<std::string> ViewDraft::column_names() const {
  std::vector<std::string> names;
  for (const DraftColumn& column : columns) names.push_back(column.name);
  return names;
}

}  // namespace skald::views
