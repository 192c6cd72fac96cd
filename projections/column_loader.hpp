// `columns`, the names in `key`, and `indexes`: the table of a view as its file declares it.
#pragma once

#include "projections/view_draft.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::views {

// Far fewer than PostgreSQL bears, since a column may bring hidden ones along.
inline constexpr std::size_t kMaxColumns = 100;
inline constexpr std::size_t kMaxKeyColumns = 4;
inline constexpr std::size_t kMaxIndexes = 8;
inline constexpr std::size_t kMaxIndexColumns = 4;
// What an entry of a btree holds is a third of a page, 2,704 bytes.
inline constexpr std::size_t kMaxIndexedBytes = 2'400;

void read_columns(sagas::YamlReader& view, ViewDraft& draft);
void read_indexes(sagas::YamlReader& view, ViewDraft& draft);

}  // namespace skald::views
