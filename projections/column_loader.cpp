#include "projections/column_loader.hpp"

#include <algorithm>
#include <array>

#include "projections/column_value.hpp"
#include "sagas/names.hpp"
#include "sagas/suggestion.hpp"

namespace skald::views {
namespace {

using sagas::FaultList;
using sagas::Yaml;
using sagas::YamlReader;
using store::ColumnType;

constexpr std::array<ColumnType, 8> kTypes = {
    ColumnType::Text,    ColumnType::Integer,     ColumnType::Bigint, ColumnType::Numeric,
    ColumnType::Boolean, ColumnType::Timestamptz, ColumnType::Uuid,   ColumnType::Jsonb};

// What the query of a view says beside its columns (api.md).
constexpr std::array<std::string_view, 3> kQueryWords = {"limit", "cursor", "after"};

std::optional<ColumnType> read_type(const Yaml& value, FaultList& faults) {
  std::vector<std::pair<std::string, ColumnType>> words;
  for (const ColumnType type : kTypes) words.emplace_back(to_text(type), type);
  return read_word(value, words, faults);
}

void check_column_name(const Yaml::Member& column, FaultList& faults) {
  check_name(column.key, column.key_place, sagas::NameOf::Column, faults);
  if (std::find(kQueryWords.begin(), kQueryWords.end(), column.key) != kQueryWords.end())
    faults.error(column.key_place, "a column cannot be called '" + column.key + "': queries use the word",
                 "choose another name");
}

// Two spellings of one number would be one row and two keys.
void check_key_type(const DraftColumn& column, FaultList& faults) {
  const bool unfit = column.type == ColumnType::Numeric || column.type == ColumnType::Jsonb;
  if (unfit)
    faults.error(column.place,
                 "'" + column.name + "' belongs to the key, which has no columns of type " +
                     std::string(to_text(*column.type)),
                 column.type == ColumnType::Numeric ? "make it bigint or text" : "make it text");
}

void add_key_columns(const Yaml& key, const Yaml& columns, ViewDraft& draft, FaultList& faults) {
  if (key.size() == 0) faults.error(key.place(), "the key names no column", "name at least one");
  if (key.size() > kMaxKeyColumns)
    faults.error(key.place(), "a key has at most " + std::to_string(kMaxKeyColumns) + " columns");
  std::vector<std::string> known;
  for (const Yaml::Member& column : columns.members()) known.push_back(column.key);
  for (const Yaml::Member& member : key.members()) {
    if (!columns.find(member.key))
      faults.error(member.key_place, "'columns' does not declare '" + member.key + "' of the key",
                   sagas::suggestion(member.key, known));
    draft.columns.push_back({member.key, columns.key_place(member.key), true, {}, {}, 0});
  }
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void read_indexed(const Yaml& value, std::vector<std::string>& index, const ViewDraft& draft,
                  FaultList& faults) {
  const auto name = read_text(value, faults);
  if (!name) return;
  const auto column = draft.index_of(*name);
  if (!column)
    return faults.error(value.place(), "there is no column '" + *name + "'",
                        sagas::suggestion(*name, draft.column_names()));
  if (draft.columns[*column].type == ColumnType::Jsonb)
    faults.error(value.place(), "'" + *name + "' is of type jsonb, which no index can order",
                 "index a column that holds the one value you look for");
  if (std::find(index.begin(), index.end(), *name) != index.end())
    faults.error(value.place(), "'" + *name + "' stands twice in this index", "remove one");
  index.push_back(*name);
}

bool begins_with(const std::vector<std::string>& longer, const std::vector<std::string>& shorter) {
  return shorter.size() <= longer.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

void check_idle(const std::vector<std::string>& index, const Yaml& node, const ViewDraft& draft,
                FaultList& faults) {
  std::vector<std::string> key = draft.column_names();
  key.resize(draft.key_columns());
  if (!index.empty() && begins_with(key, index))
    faults.warning(node.place(), "the key is an index of " + list(index) + " already", "remove this one");
  for (const auto& other : draft.indexes)
    if (!index.empty() && begins_with(other, index))
      faults.warning(node.place(), "the index of " + list(other) + " serves for this one too",
                     "remove this one");
}

}  // namespace

void read_columns(YamlReader& view, ViewDraft& draft) {
  FaultList& faults = view.faults();
  view.require("key");
  view.require("columns");
  const auto key = view.map("key");
  const auto columns = view.map("columns");
  if (!columns) return;
  if (columns->size() > kMaxColumns)
    return faults.error(columns->place(),
                        "a view has at most " + std::to_string(kMaxColumns) + " columns, this one " +
                            std::to_string(columns->size()),
                        "keep what belongs together in one jsonb column");
  if (key) add_key_columns(*key, *columns, draft, faults);
  for (const Yaml::Member& member : columns->members()) {
    check_column_name(member, faults);
    if (!draft.index_of(member.key))
      draft.columns.push_back({member.key, member.key_place, false, {}, {}, 0});
    DraftColumn& column = draft.columns[*draft.index_of(member.key)];
    column.type = read_type(member.value, faults);
    if (column.is_key) check_key_type(column, faults);
  }
}

void read_indexes(YamlReader& view, ViewDraft& draft) {
  const auto indexes = view.list("indexes");
  if (!indexes) return;
  FaultList& faults = view.faults();
  if (indexes->size() > kMaxIndexes)
    faults.error(indexes->place(), "a view has at most " + std::to_string(kMaxIndexes) + " indexes",
                 "each costs at every change: keep those that are read");
  for (const Yaml& node : indexes->items()) {
    if (!node.is(Yaml::Kind::List)) {
      expected("an index (a list of columns)", node, faults,
               node.is(Yaml::Kind::Text) ? "write [" + node.text() + "]" : "");
      continue;
    }
    std::vector<std::string> index;
    for (const Yaml& column : node.items()) read_indexed(column, index, draft, faults);
    if (node.size() == 0 || node.size() > kMaxIndexColumns)
      faults.error(node.place(), "an index has 1 to " + std::to_string(kMaxIndexColumns) +
                                     " columns, this one " + std::to_string(node.size()));
    check_idle(index, node, draft, faults);
    draft.indexes.push_back(std::move(index));
  }
}

}  // namespace skald::views
