#include "sagas/explore/graph.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace skald::sagas {

Graph::Graph(const std::string& first) : known_{{first, 0}}, ways_(1), origins_(1) {}

std::pair<Graph::Index, bool> Graph::lead(Index from, const std::string& to, const std::string& words,
                                          std::size_t events) {
  const auto [known, fresh] = known_.try_emplace(to, static_cast<Index>(ways_.size()));
  const std::uint32_t number = number_of(words);
  if (fresh) {
    ways_.emplace_back();
    origins_.push_back({from, number});
  }
  ways_[from].push_back({known->second, number, static_cast<std::uint32_t>(events)});
  return {known->second, fresh};
}

std::uint32_t Graph::number_of(const std::string& words) {
  const auto [known, fresh] = numbers_.try_emplace(words, static_cast<std::uint32_t>(words_.size()));
  if (fresh) words_.push_back(words);
  return known->second;
}

// Depth first; the last to be finished comes first.
std::vector<Graph::Index> Graph::in_order() const {
  enum class Mark : std::uint8_t { Unseen, Open, Finished };
  std::vector<Mark> marks(ways_.size(), Mark::Unseen);
  std::vector<std::size_t> next(ways_.size(), 0);
  std::vector<Index> finished, path = {0};
  while (!path.empty()) {
    const Index at = path.back();
    marks[at] = Mark::Open;
    if (next[at] == ways_[at].size()) {
      marks[at] = Mark::Finished;
      finished.push_back(at);
      path.pop_back();
      continue;
    }
    const Index to = ways_[at][next[at]++].to;
    CHECK_THAT(marks[to] != Mark::Open, "every way goes forward");
    if (marks[to] == Mark::Unseen) path.push_back(to);
  }
  std::reverse(finished.begin(), finished.end());
  return finished;
}

std::vector<std::uint64_t> Graph::count_ways(std::uint64_t bound) const {
  std::vector<std::uint64_t> counts(ways_.size(), 0);
  counts[0] = 1;
  for (const Index at : in_order())
    for (const Way& way : ways_[at]) counts[way.to] = std::min(bound, counts[way.to] + counts[at]);
  return counts;
}

std::vector<std::string> Graph::first_way(Index to) const {
  return told(origins_, to);
}

Graph::Longest Graph::longest_way(const std::vector<Index>& ends) const {
  std::vector<std::int64_t> events(ways_.size(), -1);
  std::vector<Origin> origins(ways_.size());
  events[0] = 0;
  for (const Index at : in_order())
    for (const Way& way : ways_[at]) {
      const std::int64_t length = events[at] + way.events;
      if (length <= events[way.to]) continue;
      events[way.to] = length;
      origins[way.to] = {at, way.words};
    }
  if (ends.empty()) return {};
  const Index end =
      *std::max_element(ends.begin(), ends.end(), [&](Index a, Index b) { return events[a] < events[b]; });
  return {static_cast<std::size_t>(events[end]), told(origins, end)};
}

std::vector<std::string> Graph::told(const std::vector<Origin>& origins, Index to) const {
  std::vector<std::string> words;
  for (; to != 0; to = origins[to].from)
    if (const std::string& step = words_[origins[to].words]; !step.empty()) words.push_back(step);
  std::reverse(words.begin(), words.end());
  return words;
}

}  // namespace skald::sagas
