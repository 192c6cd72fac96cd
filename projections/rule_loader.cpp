#include "projections/rule_loader.hpp"

#include <algorithm>

#include "projections/column_value.hpp"
#include "projections/event_words.hpp"
#include "sagas/names.hpp"
#include "sagas/suggestion.hpp"

namespace skald::views {
namespace {

using sagas::ExpressionSite;
using sagas::FaultList;
using sagas::Place;
using sagas::Yaml;
using sagas::YamlReader;
using store::ColumnType;

bool has_field(const std::string& event, std::string_view field) {
  const auto fields = event_fields(event);
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

// A filter by something that an event does not have never lets that event pass.
void check_filter(const YamlReader& reader, const Rule& rule, std::string_view filter, FaultList& faults) {
  if (!reader.node().find(filter)) return;
  for (const std::string& event : rule.events)
    if (!has_field(event, filter))
      faults.error(reader.node().key_place(filter),
                   event + " has no '" + std::string(filter) + "', so this rule never fits it",
                   "remove one of the two");
}

bool is_type_of(FoldWord word, ColumnType type) {
  const bool number =
      type == ColumnType::Integer || type == ColumnType::Bigint || type == ColumnType::Numeric;
  switch (word) {
    case FoldWord::Set: return true;
    case FoldWord::Add: return number;
    case FoldWord::Max:
    case FoldWord::Min: return number || type == ColumnType::Timestamptz || type == ColumnType::Text;
    case FoldWord::Append: return type == ColumnType::Jsonb;
  }
  return false;
}

std::string types_of(FoldWord word) {
  if (word == FoldWord::Append) return "jsonb";
  return word == FoldWord::Add ? "integer, bigint or numeric"
                               : "integer, bigint, numeric, timestamptz or text";
}

}  // namespace

void RuleLoader::read_rules(YamlReader& view, const std::optional<Yaml>& key) {
  view.require("rules");
  const auto rules = view.list("rules");
  if (!rules) return;
  if (rules->size() == 0) faults_.error(rules->place(), "a view needs at least one rule", "add one");
  if (rules->size() > kMaxRules)
    return faults_.error(rules->place(), "a view has at most " + std::to_string(kMaxRules) + " rules");
  for (const Yaml& node : rules->items()) read(node, key);
}

void RuleLoader::read(const Yaml& node, const std::optional<Yaml>& view_key) {
  YamlReader reader(node, "a rule", faults_);
  if (!reader.is_map()) return;
  Rule rule;
  rule.line = node.place().line;
  read_events(reader, rule);
  read_filters(reader, rule);
  read_condition(reader, rule);
  const auto own_key = reader.map("key");
  const auto key = own_key ? own_key : view_key;
  if (key) read_key(*key, rule);
  read_folds(reader, rule);
  reader.finish();
  draft_.rules.push_back({std::move(rule), node, key.value_or(node)});
}

void RuleLoader::read_events(YamlReader& reader, Rule& rule) {
  reader.require("event");
  const auto event = reader.any("event");
  if (!event) return;
  const std::vector<Yaml> several = event->is(Yaml::Kind::List) ? event->items() : std::vector{*event};
  if (several.empty()) faults_.error(event->place(), "this list names no event", "name at least one");
  for (const Yaml& one : several) {
    const auto type = read_text(one, faults_);
    if (!type) continue;
    const auto& known = event_types();
    if (std::find(known.begin(), known.end(), *type) == known.end())
      faults_.error(one.place(), "there is no event '" + *type + "'", sagas::suggestion(*type, known));
    else
      rule.events.push_back(*type);
  }
}

void RuleLoader::read_filters(YamlReader& reader, Rule& rule) {
  if (const auto saga = reader.any("saga"))
    rule.saga = read_name(*saga, sagas::NameOf::Saga, faults_).value_or("");
  if (const auto name = reader.any("name"))
    rule.name = read_name(*name, sagas::NameOf::Event, faults_).value_or("");
  check_filter(reader, rule, "name", faults_);
  check_filter(reader, rule, "step", faults_);
  const auto step = reader.any("step");
  if (!step) return;
  const bool path = step->is(Yaml::Kind::Text) && step->text().find_first_of("[.") != std::string::npos;
  if (path)
    faults_.error(step->place(), "'" + step->text() + "' is the path of a step, and a rule names its id",
                  "write the id alone: it fits every item, and ${ .event.step } tells which");
  else
    rule.step = read_name(*step, sagas::NameOf::Step, faults_).value_or("");
}

void RuleLoader::read_condition(YamlReader& reader, Rule& rule) {
  const auto node = reader.any("if");
  if (!node) return;
  rule.condition = expressions_.read_single(*node, ExpressionSite::ViewRule, rule_index());
  if (!rule.condition) return;
  if (!sagas::is_one_expression(*rule.condition) && !rule.condition->source().is_boolean())
    faults_.error(node->place(), "this is no condition: it is never true or false", "write ${ … }");
  else if (rule.condition->is_constant())
    faults_.warning(node->place(), "this condition is always the same", "let it read .event, or remove it");
}

// The expressions of a key are compiled for each rule: what they may read depends on its events.
void RuleLoader::read_key(const Yaml& key, Rule& rule) {
  const std::size_t count = draft_.key_columns();
  for (const Yaml::Member& member : key.members()) {
    const auto column = draft_.index_of(member.key);
    if (!column || *column >= count)
      faults_.error(member.key_place, "'" + member.key + "' is no column of the view's key",
                    sagas::suggestion(member.key, [&] {
                      auto names = draft_.column_names();
                      names.resize(count);
                      return names;
                    }()));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = key.find(draft_.columns[i].name);
    if (!value)
      faults_.error(key.place(), "the key lacks '" + draft_.columns[i].name + "'",
                    "every key of a view has the same columns");
    auto compiled =
        value ? expressions_.read_single(*value, ExpressionSite::ViewRule, rule_index()) : std::nullopt;
    rule.key.push_back(compiled.value_or(core::Template()));
  }
}

void RuleLoader::read_folds(YamlReader& reader, Rule& rule) {
  for (const FoldWord word : {FoldWord::Set, FoldWord::Add, FoldWord::Max, FoldWord::Min}) {
    const auto columns = reader.map(to_text(word));
    if (!columns) continue;
    for (const Yaml::Member& member : columns->members())
      read_fold(word, member.key, member.key_place, member.value, rule);
  }
  if (const auto append = reader.any("append")) read_append(*append, rule);
  if (const auto remove = reader.boolean("remove")) {
    rule.remove = *remove;
    if (!*remove) faults_.error(reader.node().key_place("remove"), "this does nothing", "remove it");
  }
  if (rule.remove && !rule.folds.empty())
    faults_.error(reader.node().key_place("remove"), "a rule that removes the row changes nothing else",
                  "make it a rule of its own");
  const auto is_there = [&](std::string_view word) { return reader.node().find(word).has_value(); };
  const auto words = {"set", "add", "max", "min", "append", "remove"};
  if (std::none_of(words.begin(), words.end(), is_there))
    faults_.error(reader.node().place(), "this rule changes nothing",
                  "add set, add, max, min, append or remove");
}

void RuleLoader::read_append(const Yaml& append, Rule& rule) {
  YamlReader reader(append, "append", faults_);
  for (const char* needed : {"column", "value", "limit"}) reader.require(needed);
  const auto column = reader.text("column");
  const auto value = reader.any("value");
  const auto limit = reader.integer("limit", {1, kMaxListed});
  reader.finish();
  if (!column || !value) return;
  read_fold(FoldWord::Append, *column, append.find("column")->place(), *value, rule);
  const auto index = draft_.index_of(*column);
  if (!index || !limit) return;
  std::size_t& known = draft_.columns[*index].limit;
  if (known != 0 && known != static_cast<std::size_t>(*limit))
    faults_.error(append.find("limit")->place(),
                  "'" + *column + "' has limit " + std::to_string(known) + " in another rule",
                  "a list has one limit");
  if (known == 0) known = static_cast<std::size_t>(*limit);
}

void RuleLoader::read_fold(FoldWord word, const std::string& name, Place place, const Yaml& value,
                           Rule& rule) {
  const auto index = draft_.index_of(name);
  if (!index)
    return faults_.error(place, "there is no column '" + name + "'",
                         sagas::suggestion(name, draft_.column_names()));
  DraftColumn& column = draft_.columns[*index];
  if (column.is_key)
    return faults_.error(place, "'" + name + "' belongs to the key, which never changes",
                         "give the rule a key of its own to name another row");
  if (!claim(column, word, place)) return;
  auto compiled = read_value({name, *column.type, store::Merge::Replace, 0}, value);
  if (compiled) rule.folds.push_back({*index, std::move(*compiled)});
}

// A column that is set has no count to add to, and the other way round.
bool RuleLoader::claim(DraftColumn& column, FoldWord word, Place place) {
  if (!column.type) return false;
  if (!is_type_of(word, *column.type)) {
    faults_.error(place,
                  "'" + std::string(to_text(word)) + "' is for columns of type " + types_of(word) +
                      ", and '" + column.name + "' is " + std::string(to_text(*column.type)),
                  "change the type of the column, or use set");
    return false;
  }
  if (column.written_by && *column.written_by != word) {
    faults_.error(place,
                  "'" + column.name + "' is written by '" + std::string(to_text(*column.written_by)) +
                      "' already, so '" + std::string(to_text(word)) + "' cannot write it too",
                  "use a column for each of the two");
    return false;
  }
  column.written_by = word;
  return true;
}

std::optional<core::Template> RuleLoader::read_value(const store::ViewColumn& column, const Yaml& value) {
  auto compiled = expressions_.read(value, ExpressionSite::ViewRule, rule_index());
  if (!compiled) return std::nullopt;
  const bool container = value.is(Yaml::Kind::List) || value.is(Yaml::Kind::Map);
  if (container && column.type != ColumnType::Jsonb) {
    expected("a value for a column of type " + std::string(to_text(column.type)), value, faults_,
             "only jsonb holds lists and maps");
    return std::nullopt;
  }
  if (!compiled->is_constant()) return compiled;
  const auto constant = compiled->evaluate(Json());
  const auto fits = constant ? column_value(column, *constant) : Result<store::Cell>(constant.error());
  if (!fits) faults_.error(value.place(), "'" + column.name + "': " + fits.error().message);
  return compiled;
}

}  // namespace skald::views
