// The SQL of views' tables, made from their columns: names are quoted, values are parameters. A hidden column
// "@3" holds the place (or, of a list, the places) of what stands in the third column; "@set" says which of
// the columns that are simply replaced a change sets, since `on conflict` sees nothing but the row it would
// have inserted. Used by ViewWriter and PgViewStore.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventstore/pg/parameters.hpp"
#include "eventstore/pg/rows.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store::view_sql {

std::string quoted(std::string_view name);
// skald_views."recruitment-my-page#7"
std::string relation_of(const ViewTable& table, Generation generation);

// What stands between the brackets of `create table`.
std::string columns_of(const ViewTable& table);
// The columns that people see, separated by commas; and those that tell whether two tables hold the same.
std::string visible_columns(const ViewTable& table);
std::string compared_columns(const ViewTable& table);
std::vector<std::string> index_statements(const ViewTable& table, Generation generation);

// insert … on conflict do update, of many rows at once; its parameters are those of merge_parameters().
// `relation` is of this table.
std::string merge(const ViewTable& table, const std::string& relation);
Parameters merge_parameters(const ViewTable& table, const std::vector<const RowChange*>& changes);
std::vector<Oid> merge_types(const ViewTable& table);

// delete …; a parameter for each column of the key.
std::string remove(const ViewTable& table, const std::string& relation);
Parameters remove_parameters(const ViewTable& table, const std::vector<const RowChange*>& changes);

// What goes, and then what comes: a row that is made anew does both.
struct GoneAndMerged {
  std::vector<const RowChange*> gone, merged;
};
GoneAndMerged gone_and_merged(const std::vector<RowChange>& changes);

// Of statements::kMakeGeneration.
Parameters generation_parameters(const NewView& view);

// The key of the table, its columns behind `prefix`; in the order of which rows are read.
std::string key_list(const ViewTable& table, const std::string& prefix = "");
// The columns of a row as read_row() expects them.
std::string shown_columns(const ViewTable& table, const std::string& prefix);
// The cells of a row whose first one stands in that column of the answer; times as RFC 3339.
std::vector<Cell> read_row(const ViewTable& table, const Rows& rows, int row, int first);

// The rows in which two tables of this shape are not the same, by key. Answer: whether the row is in the
// first one, in the second; the key as text; then of each column of compared_columns() behind the key:
// whether it differs, and both values as text. compared_names() tells these columns to people: one that is
// hidden says which event a value is from.
std::vector<std::string> compared_names(const ViewTable& table);
std::string differences(const ViewTable& table, const std::string& first, const std::string& second);

// A page of rows. Answer: active generation, position of the checkpoint, whether there is a row, its columns;
// nothing at all where there is no such view.
std::string read(const ViewRead& read);
Parameters read_parameters(const ViewRead& read);

}  // namespace skald::store::view_sql
