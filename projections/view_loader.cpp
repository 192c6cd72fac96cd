#include "projections/view_loader.hpp"

#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/base/sha256.hpp"
#include "projections/builtin.hpp"
#include "projections/column_loader.hpp"
#include "projections/rule_loader.hpp"
#include "projections/view_checks.hpp"
#include "sagas/names.hpp"

namespace skald::views {
namespace {

using sagas::FaultList;
using sagas::Yaml;
using sagas::YamlReader;
using store::Merge;

// Reads the top level of a document: the whole file from top to bottom.
ViewDraft read_view(const Yaml& document, FaultList& faults) {
  ViewDraft draft;
  YamlReader top(document, "a view", faults);
  if (!top.is_map()) return draft;
  top.require("view");
  if (const auto name = top.any("view"))
    draft.name = read_name(*name, sagas::NameOf::View, faults).value_or("");
  read_columns(top, draft);
  read_indexes(top, draft);
  draft.keeps_rows = top.one_of<bool>("keep", {{"rows", true}, {"log", false}}).value_or(true);
  RuleLoader(draft, faults).read_rules(top, document.find("key"));
  top.finish();
  return draft;
}

Merge merge_of(const DraftColumn& column, bool ordered) {
  if (column.is_key) return Merge::Key;
  switch (column.written_by.value_or(FoldWord::Set)) {
    case FoldWord::Set: return ordered ? Merge::Replace : Merge::Latest;
    case FoldWord::Add: return Merge::Sum;
    case FoldWord::Max: return Merge::Max;
    case FoldWord::Min: return Merge::Min;
    case FoldWord::Append: return Merge::Newest;
  }
  check_failed("word", __FILE__, __LINE__, "every fold has its merge");
}

void add_reads(const Rule& rule, std::vector<core::Reference>& reads) {
  const auto add = [&](const core::Template& value) {
    for (const core::Reference& reference : value.references())
      if (std::find(reads.begin(), reads.end(), reference) == reads.end()) reads.push_back(reference);
  };
  if (rule.condition) add(*rule.condition);
  for (const core::Template& value : rule.key) add(value);
  for (const Fold& fold : rule.folds) add(fold.value);
}

bool needs_state(const View& view) {
  const core::Reference id = {"saga", "id"};
  return std::any_of(view.rules.begin(), view.rules.end(),
                     [](const Rule& rule) { return !rule.saga.empty(); }) ||
         std::any_of(view.reads.begin(), view.reads.end(), [&](const core::Reference& reference) {
           return reference.empty() || (reference.front() != "event" && reference != id);
         });
}

std::vector<std::size_t> longest_of(const ViewDraft& draft) {
  std::vector<std::size_t> longest(draft.columns.size(), 0);
  const auto bound = [&](std::size_t column, std::size_t columns) {
    const std::size_t share = kMaxIndexedBytes / columns;
    longest[column] = longest[column] == 0 ? share : std::min(longest[column], share);
  };
  for (std::size_t i = 0; i < draft.key_columns(); ++i) bound(i, draft.key_columns());
  for (const auto& index : draft.indexes)
    for (const std::string& column : index) bound(*draft.index_of(column), index.size());
  return longest;
}

// Without any faults there is a place for everything.
View finished(ViewDraft draft) {
  View view;
  view.ordered = is_ordered(draft);
  view.longest = longest_of(draft);
  view.keeps_rows = draft.keeps_rows;
  view.table.view = draft.name;
  for (const DraftColumn& column : draft.columns)
    view.table.columns.push_back({column.name, *column.type, merge_of(column, view.ordered), column.limit});
  view.table.indexes = std::move(draft.indexes);
  for (DraftRule& rule : draft.rules) {
    std::stable_sort(rule.rule.folds.begin(), rule.rule.folds.end(),
                     [](const Fold& a, const Fold& b) { return a.column < b.column; });
    add_reads(rule.rule, view.reads);
    for (const std::string& event : rule.rule.events) view.rules_by_event[event].push_back(view.rules.size());
    view.rules.push_back(std::move(rule.rule));
  }
  view.needs_state = needs_state(view);
  return view;
}

// The canonical form sorts the members of maps, and the order of a key's columns means something.
std::string hash_of(const View& view) {
  std::string text = view.canonical.canonical();
  for (std::size_t i = 0; i < view.table.key_columns(); ++i) text += '\n' + view.table.columns[i].name;
  return sha256_hex(text);
}

}  // namespace

LoadedView load_view(std::string_view text, std::string file, const sagas::Catalog* sagas,
                     ViewOrigin origin) {
  FaultList faults(std::move(file));
  LoadedView loaded;
  if (const auto document = Yaml::parse(text, faults)) {
    ViewDraft draft = read_view(*document, faults);
    if (origin == ViewOrigin::User && is_builtin_name(draft.name))
      faults.error(document->find("view")->place(),
                   "names that begin with 'skald-' are those of built-in views", "choose another name");
    check_references(draft, faults);
    check_removals(draft, faults);
    check_columns(draft, faults);
    if (sagas) check_names(draft, *sagas, faults);
    if (!faults.has_errors()) {
      View& view = loaded.view.emplace(finished(std::move(draft)));
      view.canonical = document->to_json();
      view.source = text;
      view.hash = hash_of(view);
      view.skips_overwritten = origin == ViewOrigin::BuiltIn;
    }
  }
  loaded.faults = faults.take();
  return loaded;
}

}  // namespace skald::views
