#include "eventstore/pg/view_sql.hpp"

#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/base/hex.hpp"

namespace skald::store::view_sql {
namespace {

// A name is at most 63 bytes long; skald.make_generation cuts the same.
constexpr std::size_t kNameInRelation = 48;

const char* type_name(ColumnType type) {
  switch (type) {
    case ColumnType::Text: return "text";
    case ColumnType::Integer: return "integer";
    case ColumnType::Bigint: return "bigint";
    case ColumnType::Numeric: return "numeric";
    case ColumnType::Boolean: return "boolean";
    case ColumnType::Timestamptz: return "timestamptz";
    case ColumnType::Uuid: return "uuid";
    case ColumnType::Jsonb: return "jsonb";
  }
  check_failed("type", __FILE__, __LINE__, "a column has one of the types");
}

std::string type_of(const ViewColumn& column) {
  return column.merge == Merge::Sum ? "numeric" : type_name(column.type);
}

std::string hidden(std::size_t column) {
  return "\"@" + std::to_string(column) + "\"";
}
std::string parameter(std::size_t number) {
  return "$" + std::to_string(number);
}

void append(std::string& list, const std::string& item, const char* separator = ", ") {
  if (!list.empty()) list += separator;
  list += item;
}

bool has_place(const ViewColumn& column) {
  return column.merge == Merge::Latest || column.merge == Merge::Newest;
}
// Read in binary, for RFC 3339; the others by their text.
bool is_time(const ViewColumn& column) {
  return column.type == ColumnType::Timestamptz && column.merge != Merge::Sum;
}
bool replaces(const ViewTable& table) {
  for (const auto& column : table.columns)
    if (column.merge == Merge::Replace) return true;
  return false;
}

// time, partition and position so that places compare as their bytes do.
std::string bytes_of(const EventPlace& place) {
  const auto time = static_cast<std::uint64_t>(place.time.microseconds) ^ (std::uint64_t{1} << 63);
  const auto position = static_cast<std::uint64_t>(place.position.number);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(time >> shift & 0xFF));
  for (int shift = 8; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(place.position.partition.number >> shift & 0xFF));
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(position >> shift & 0xFF));
  return bytes;
}

std::string hex_of(const std::string& bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// What column i of the new row is, of a change s.
std::string inserted(const ViewColumn& column, std::size_t i) {
  const std::string value = "s.c" + std::to_string(i) + "::" + type_of(column);
  if (column.merge == Merge::Sum) return "coalesce(" + value + ", 0)";
  if (column.merge == Merge::Newest) return "coalesce(" + value + ", '[]')";
  return value;
}

// Both lists, the newest of them first. Places differ, so their order is theirs alone.
std::string newest(const std::string& name, std::size_t i, std::size_t limit) {
  const auto list = [&](const std::string& row) {
    return "select * from rows from (jsonb_array_elements(" + row + "." + name + "), unnest(" + row + "." +
           hidden(i) + ")) as e(value, place)";
  };
  return "(" + name + ", " + hidden(i) +
         ") = (select coalesce(jsonb_agg(value order by place desc), '[]'), "
         "coalesce(array_agg(place order by place desc), '{}') from (select * from (" +
         list("t") + " union all " + list("excluded") + ") b order by place desc limit " +
         std::to_string(limit) + ") n)";
}

std::string updated(const ViewColumn& column, std::size_t i, std::size_t bit) {
  const std::string name = quoted(column.name), mine = "t." + name, theirs = "excluded." + name;
  const std::string place = "excluded." + hidden(i) + " > coalesce(t." + hidden(i) + ", '')";
  switch (column.merge) {
    case Merge::Key: break;
    case Merge::Replace:
      return name + " = case when get_bit(excluded.\"@set\", " + std::to_string(bit) + ") = 1 then " +
             theirs + " else " + mine + " end";
    case Merge::Latest:
      return name + " = case when " + place + " then " + theirs + " else " + mine + " end, " + hidden(i) +
             " = case when " + place + " then excluded." + hidden(i) + " else t." + hidden(i) + " end";
    case Merge::Sum: return name + " = " + mine + " + " + theirs;
    case Merge::Max: return name + " = greatest(" + mine + ", " + theirs + ")";
    case Merge::Min: return name + " = least(" + mine + ", " + theirs + ")";
    case Merge::Newest: return newest(name, i, column.limit);
  }
  check_failed("merge", __FILE__, __LINE__, "a key is never updated");
}

// The columns behind the key, as parameters carry them.
struct ChangeColumns {
  explicit ChangeColumns(const ViewTable& table) : table(table), keys(table.key_columns()) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) values.emplace_back(pgtype::kText);
    for (std::size_t i = keys; i < table.columns.size(); ++i)
      places.emplace_back(table.columns[i].merge == Merge::Newest ? pgtype::kText : pgtype::kBytea);
  }

  void add(const RowChange& change) {
    for (std::size_t i = 0; i < keys; ++i) values[i].add(std::string_view(change.key[i]));
    std::string mask((table.columns.size() + 7) / 8, '\0');
    std::size_t bit = 0;
    for (std::size_t i = keys; i < table.columns.size(); ++i) {
      const auto& column = table.columns[i];
      const auto& what = change.columns[i - keys];
      if (column.merge == Merge::Newest) {
        add_list(i, what);
        continue;
      }
      if (column.merge == Merge::Replace) {
        if (!what.empty()) mask[bit / 8] = static_cast<char>(mask[bit / 8] | 1 << bit % 8);
        ++bit;
      }
      values[i].add(what.empty() ? Cell{} : what.front().value);
      if (column.merge != Merge::Latest) continue;
      if (what.empty())
        places[i - keys].add_null();
      else
        places[i - keys].add(std::string_view(bytes_of(what.front().place)));
    }
    sets.add(std::string_view(mask));
  }

  void add_list(std::size_t i, const ColumnChange& elements) {
    std::string list = "[", at = "{";
    for (const Placed& element : elements) {
      append_to(list, element.value.value_or("null"));
      append_to(at, "\"\\\\x" + hex_of(bytes_of(element.place)) + "\"");
    }
    values[i].add(std::string_view(list + "]"));
    places[i - keys].add(std::string_view(at + "}"));
  }
  static void append_to(std::string& list, const std::string& item) {
    if (list.size() > 1) list += ',';
    list += item;
  }

  const ViewTable& table;
  std::size_t keys;
  std::vector<ArrayParameter> values, places;
  ArrayParameter sets{pgtype::kBytea};
};

}  // namespace

std::string quoted(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) {
    if (c == '"') result += '"';
    result += c;
  }
  return result += '"';
}

std::string relation_of(const ViewTable& table, Generation generation) {
  return "skald_views." + quoted(table.view.substr(0, kNameInRelation) + "#" + std::to_string(generation));
}

std::string key_list(const ViewTable& table, const std::string& prefix) {
  std::string list;
  for (std::size_t i = 0; i < table.key_columns(); ++i) append(list, prefix + quoted(table.columns[i].name));
  return list;
}

std::string columns_of(const ViewTable& table) {
  std::string list;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    const bool text = column.type == ColumnType::Text && column.merge != Merge::Sum;
    append(list, quoted(column.name) + " " + type_of(column) + (text ? " collate \"C\"" : ""));
    if (column.merge == Merge::Latest) append(list, hidden(i) + " bytea");
    if (column.merge == Merge::Newest) append(list, hidden(i) + " bytea[]");
  }
  if (replaces(table)) append(list, "\"@set\" bytea");
  return list + ", primary key (" + key_list(table) + ")";
}

std::string visible_columns(const ViewTable& table) {
  std::string list;
  for (const auto& column : table.columns) append(list, quoted(column.name));
  return list;
}

std::string compared_columns(const ViewTable& table) {
  std::string list = visible_columns(table);
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (has_place(table.columns[i])) append(list, hidden(i));
  return list;
}

std::vector<std::string> compared_names(const ViewTable& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) {
    if (column.merge == Merge::Key) continue;
    names.push_back(column.name);
    if (has_place(column)) names.push_back("place of " + column.name);
  }
  return names;
}

// Behind the columns that were asked for stands the key, in whose order rows are read.
std::vector<std::string> index_statements(const ViewTable& table, Generation generation) {
  std::vector<std::string> statements;
  for (const auto& index : table.indexes) {
    std::string list;
    for (const auto& name : index) append(list, quoted(name));
    for (std::size_t i = 0; i < table.key_columns(); ++i) {
      const auto& name = table.columns[i].name;
      if (std::find(index.begin(), index.end(), name) == index.end()) append(list, quoted(name));
    }
    statements.push_back("create index on " + relation_of(table, generation) + " (" + list + ")");
  }
  // Without statistics the planner would guess about a table that was filled a moment ago. Of an empty one it
  // must not know: it would read the table as a whole, and statements that were planned then are kept.
  const std::string relation = relation_of(table, generation);
  statements.push_back("do $do$ begin if exists (select from " + relation + ") then analyze " + relation +
                       "; end if; end $do$");
  return statements;
}

std::string merge(const ViewTable& table, const std::string& relation) {
  std::string names, selected, parameters, columns, updates;
  std::size_t next = 1, bit = 0;
  const auto carry = [&](const std::string& name) {
    append(parameters, parameter(next++));
    append(columns, name);
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    const std::string number = std::to_string(i);
    append(names, quoted(column.name));
    append(selected, inserted(column, i));
    carry("c" + number);
    if (has_place(column)) {
      append(names, hidden(i));
      append(selected, column.merge == Merge::Newest ? "s.p" + number + "::bytea[]" : "s.p" + number);
      carry("p" + number);
    }
    if (column.merge != Merge::Key) append(updates, updated(column, i, bit));
    if (column.merge == Merge::Replace) ++bit;
  }
  if (replaces(table)) {
    append(names, "\"@set\"");
    append(selected, "s.sets");
    carry("sets");
  }
  return "insert into " + relation + " as t (" + names + ") select " + selected + " from unnest(" +
         parameters + ") as s(" + columns + ") on conflict (" + key_list(table) + ") do " +
         (updates.empty() ? "nothing" : "update set " + updates);
}

std::vector<Oid> merge_types(const ViewTable& table) {
  std::vector<Oid> types;
  for (const auto& column : table.columns) {
    types.push_back(pgtype::kTextArray);
    if (column.merge == Merge::Latest) types.push_back(pgtype::kByteaArray);
    if (column.merge == Merge::Newest) types.push_back(pgtype::kTextArray);
  }
  if (replaces(table)) types.push_back(pgtype::kByteaArray);
  return types;
}

Parameters merge_parameters(const ViewTable& table, const std::vector<const RowChange*>& changes) {
  ChangeColumns columns(table);
  for (const RowChange* change : changes) columns.add(*change);
  Parameters parameters;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    parameters.add(std::move(columns.values[i]));
    if (has_place(table.columns[i])) parameters.add(std::move(columns.places[i - columns.keys]));
  }
  if (replaces(table)) parameters.add(std::move(columns.sets));
  return parameters;
}

GoneAndMerged gone_and_merged(const std::vector<RowChange>& changes) {
  GoneAndMerged split;
  for (const auto& change : changes) {
    if (change.kind != RowChange::Kind::Merge) split.gone.push_back(&change);
    if (change.kind != RowChange::Kind::Remove) split.merged.push_back(&change);
  }
  return split;
}

Parameters generation_parameters(const NewView& view) {
  Parameters asked;
  asked.add(view.table.view).add(view.hash).add(view.source).add(columns_of(view.table));
  asked.add(view.again).add(view.keeps_rows);
  return asked;
}

// Rows are looked up one by one and then taken by their place, as in the append: see statements.cpp.
std::string remove(const ViewTable& table, const std::string& relation) {
  std::string parameters, columns, same;
  for (std::size_t i = 0; i < table.key_columns(); ++i) {
    const std::string number = std::to_string(i);
    append(parameters, parameter(i + 1));
    append(columns, "k" + number);
    append(same, "t." + quoted(table.columns[i].name) + " = s.k" + number + "::" + type_of(table.columns[i]),
           " and ");
  }
  return "delete from " + relation + " where ctid = any(array(select found.ctid from unnest(" + parameters +
         ") as s(" + columns + ") cross join lateral (select t.ctid from " + relation + " t where " + same +
         " limit 1) found))";
}

Parameters remove_parameters(const ViewTable& table, const std::vector<const RowChange*>& changes) {
  Parameters parameters;
  for (std::size_t i = 0; i < table.key_columns(); ++i) {
    ArrayParameter keys(pgtype::kText);
    for (const RowChange* change : changes) keys.add(std::string_view(change->key[i]));
    parameters.add(std::move(keys));
  }
  return parameters;
}

std::string shown_columns(const ViewTable& table, const std::string& prefix) {
  std::string list;
  for (const auto& column : table.columns)
    append(list, prefix + quoted(column.name) + (is_time(column) ? "" : "::text"));
  return list;
}

std::vector<Cell> read_row(const ViewTable& table, const Rows& rows, int row, int first) {
  std::vector<Cell> cells;
  for (const auto& kind : table.columns) {
    if (is_time(kind) && !rows.is_null(row, first))
      cells.push_back(to_rfc3339(rows.time(row, first)));
    else
      cells.push_back(rows.optional_text(row, first));
    ++first;
  }
  return cells;
}

std::string differences(const ViewTable& table, const std::string& first, const std::string& second) {
  // A key is never null; a row of a full join is where its key is.
  const std::string key = quoted(table.columns[0].name);
  std::string same, keys, values, order, different = "a." + key + " is null or b." + key + " is null";
  const auto compare = [&](const std::string& name) {
    const std::string differs = "a." + name + " is distinct from b." + name;
    append(values, differs + ", a." + name + "::text, b." + name + "::text");
    append(different, differs, " or ");
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name = quoted(table.columns[i].name);
    if (table.columns[i].merge == Merge::Key) {
      append(same, "a." + name + " = b." + name, " and ");
      append(keys, "coalesce(a." + name + ", b." + name + ")::text");
      append(order, "coalesce(a." + name + ", b." + name + ")");
      continue;
    }
    compare(name);
    if (has_place(table.columns[i])) compare(hidden(i));
  }
  return "select a." + key + " is not null, b." + key + " is not null, " + keys +
         (values.empty() ? "" : ", ") + values + " from " + first + " a full join " + second + " b on " +
         same + " where " + different + " order by " + order;
}

std::string read(const ViewRead& read) {
  const auto& table = *read.table;
  const std::string shown = shown_columns(table, "t.");
  std::string where = "v.active = $2";
  std::size_t next = 5;
  for (const auto& [column, value] : read.equal) {
    const auto& wanted = table.columns[column];
    append(where, "t." + quoted(wanted.name) + " = " + parameter(next++) + "::" + type_of(wanted), " and ");
  }
  if (!read.after.empty()) {
    std::string from;
    for (std::size_t i = 0; i < table.key_columns(); ++i)
      append(from, parameter(next++) + "::" + type_of(table.columns[i]));
    append(where, "(" + key_list(table, "t.") + ") > (" + from + ")", " and ");
  }
  return "select v.active, (select position from skald.view_checkpoint c where c.generation = $2 and "
         "c.partition = $4::smallint), r.* from (select active from skald.view where name = $1) v left join "
         "lateral (select true, " +
         shown + " from " + relation_of(table, read.generation) + " t where " + where + " order by " +
         key_list(table, "t.") + " limit $3) r on true";
}

Parameters read_parameters(const ViewRead& read) {
  Parameters parameters;
  parameters.add(std::string_view(read.table->view)).add(read.generation);
  parameters.add(static_cast<std::int64_t>(read.limit));
  if (read.passed)
    parameters.add(static_cast<std::int32_t>(read.passed->number));
  else
    parameters.add_null();
  for (const auto& [column, value] : read.equal) parameters.add(std::string_view(value));
  for (const auto& key : read.after) parameters.add(std::string_view(key));
  return parameters;
}

}  // namespace skald::store::view_sql
