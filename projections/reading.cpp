#include "projections/reading.hpp"

#include <algorithm>

namespace skald::views {
namespace {

using namespace std::chrono_literals;

// Another node's commit tells nobody here, so it is looked for, more and more seldom.
constexpr Duration kLookAgain = 20ms, kLookSeldom = 320ms;

std::vector<std::vector<std::string>> ways_to_ask(const store::ViewTable& table) {
  auto ways = table.indexes;
  auto& key = ways.emplace_back();
  for (std::size_t i = 0; i < table.key_columns(); ++i) key.push_back(table.columns[i].name);
  return ways;
}

std::string in_words(const store::ViewTable& table) {
  std::string words;
  for (const auto& way : ways_to_ask(table)) {
    std::string columns;
    for (const auto& name : way) columns += (columns.empty() ? "" : " and ") + name;
    words += (words.empty() ? "" : "; ") + columns;
  }
  return words;
}

}  // namespace

struct Reading::Asked {
  ViewQuery query;
  store::Done<FoundRows> done;
  Timestamp until;
  Duration pause = kLookAgain;
  bool refreshed = false;  // the registry was looked at before saying that there is no such view
  std::shared_ptr<const View> view;
};

Result<std::vector<std::pair<std::size_t, std::string>>> columns_of(
    const store::ViewTable& table, const std::vector<std::pair<std::string, std::string>>& equal) {
  const auto ways = ways_to_ask(table);
  std::vector<std::pair<std::size_t, std::string>> columns;
  bool leads = equal.empty();
  for (const auto& [name, value] : equal) {
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&name = name](const auto& one) { return one.name == name; });
    if (column == table.columns.end()) return invalid("the view " + table.view + " has no column " + name);
    bool declared = false;
    for (const auto& way : ways) {
      declared = declared || std::find(way.begin(), way.end(), name) != way.end();
      leads = leads || way.front() == name;
    }
    if (!declared)
      return invalid("the column " + name + " has no index: rows can be asked for by " + in_words(table));
    columns.emplace_back(static_cast<std::size_t>(column - table.columns.begin()), value);
  }
  if (!leads)
    return invalid("no index begins with these columns: rows can be asked for by " + in_words(table));
  std::sort(columns.begin(), columns.end());
  return columns;
}

void Reading::read(ViewQuery query, store::Done<FoundRows> done) {
  const auto asked = std::make_shared<Asked>();
  asked->until = parts_.now() + query.patience;
  asked->query = std::move(query);
  asked->done = std::move(done);
  attempt(asked);
}

void Reading::attempt(AskedPtr asked) {
  const ViewQuery& query = asked->query;
  const FoldedView* active = parts_.runner.generations().active(query.view);
  if (!active) {
    if (const FoldedView* building = parts_.runner.generations().building(query.view)) {
      if (building->row.stop)
        return asked->done(conflict("the view " + query.view +
                                    " was never filled: it stands stopped before event " +
                                    to_text(building->row.stop->place) + ": " + building->row.stop->reason));
      return again(asked, unavailable("the view " + query.view + " is being filled for the first time"));
    }
    if (asked->refreshed) return asked->done(not_found("there is no view named " + query.view));
    asked->refreshed = true;
    return parts_.runner.refresh([this, asked] { attempt(asked); });
  }
  if (!active->view)
    return asked->done(unavailable("this node's version of Skald cannot read the view " + query.view));
  asked->view = active->view;
  const auto& table = active->view->table;
  store::ViewRead read;
  read.generation = active->row.number;
  read.table = active->table;
  for (std::size_t i = 0; i < query.key.size(); ++i) read.equal.emplace_back(i, query.key[i]);
  if (!query.key.empty() && query.key.size() != table.key_columns())
    return asked->done(not_found("a key of the view " + query.view + " has " +
                                 std::to_string(table.key_columns()) + " parts"));
  auto equal = columns_of(table, query.equal);
  if (!equal) return asked->done(equal.error());
  read.equal.insert(read.equal.end(), equal->begin(), equal->end());
  if (!query.behind.empty() && query.behind.size() != table.key_columns())
    return asked->done(invalid("this cursor is not one of the view " + query.view));
  read.after = query.behind;
  read.limit = query.limit;
  if (query.after) read.passed = query.after->partition;
  parts_.store.read(std::move(read),
                    [this, asked, generation = active->row.number](Result<store::ViewPage> page) {
                      answered(asked, generation, std::move(page));
                    });
}

void Reading::answered(AskedPtr asked, store::Generation generation, Result<store::ViewPage> page) {
  const bool gone = page ? page->active != generation : page.error().kind == ErrorKind::NotFound;
  if (gone) {
    // It was switched a moment ago: what is active now is asked, at once.
    const auto refreshed = [this, asked] {
      again(asked, unavailable("the view " + asked->query.view + " changes again and again"));
    };
    return parts_.runner.refresh(refreshed);
  }
  if (!page) return asked->done(page.error());
  const auto& after = asked->query.after;
  if (after && page->position < after->number) {
    const FoldedView* folded = parts_.runner.generations().find(generation);
    if (folded && folded->row.stop)
      return asked->done(conflict("the view " + asked->query.view + " stands stopped before event " +
                                  to_text(folded->row.stop->place) + ": " + folded->row.stop->reason));
    return wait_for_position(
        asked, generation,
        unavailable("the view " + asked->query.view + " has not passed the position " + to_text(*after) +
                    " yet; of that partition it knows " + std::to_string(page->position) + " events"));
  }
  asked->done(FoundRows{asked->view, std::move(page->rows)});
}

Duration Reading::next_pause(Asked& asked) {
  return std::exchange(asked.pause, std::min(asked.pause * 2, kLookSeldom));
}

void Reading::again(AskedPtr asked, const Error& otherwise) {
  if (parts_.now() >= asked->until) return asked->done(otherwise);
  parts_.after(next_pause(*asked), [this, asked] { attempt(asked); });
}

// Either the runner of this node says so, or, if another node folds that partition, the next look finds it.
void Reading::wait_for_position(AskedPtr asked, store::Generation generation, const Error& otherwise) {
  if (parts_.now() >= asked->until) return asked->done(otherwise);
  const auto once = std::make_shared<bool>(false);
  const auto go_on = [this, asked, once] {
    if (!std::exchange(*once, true)) attempt(asked);
  };
  const auto waiter = parts_.runner.when_passed(generation, *asked->query.after, go_on);
  if (waiter == 0) return;
  parts_.after(next_pause(*asked), [this, waiter, go_on] {
    parts_.runner.forget(waiter);
    go_on();
  });
}

}  // namespace skald::views
