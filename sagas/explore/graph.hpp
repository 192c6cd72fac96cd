// Graph: the situations that were found and the ways between them, and how many ways lead from the first one
// to each. Every way goes forward (happenings.hpp leaves out what would only repeat), so there are no
// circles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace skald::sagas {

class Graph {
 public:
  using Index = std::uint32_t;

  // With the first situation, which has the index 0.
  explicit Graph(const std::string& first);

  // A way from a known situation: where it leads, and whether nothing led there before.
  std::pair<Index, bool> lead(Index from, const std::string& to, const std::string& words,
                              std::size_t events);
  std::size_t size() const { return ways_.size(); }

  // How many ways lead to each; at most `bound` each.
  std::vector<std::uint64_t> count_ways(std::uint64_t bound) const;
  // The words along the way that was found first.
  std::vector<std::string> first_way(Index to) const;

  struct Longest {
    std::size_t events = 0;
    std::vector<std::string> words;
  };
  // Of the ways to one of these.
  Longest longest_way(const std::vector<Index>& ends) const;

 private:
  struct Way {
    Index to;
    std::uint32_t words;
    std::uint32_t events;
  };
  struct Origin {
    Index from = 0;
    std::uint32_t words = 0;
  };
  std::vector<Index> in_order() const;  // each before those that it leads to
  std::uint32_t number_of(const std::string& words);
  std::vector<std::string> told(const std::vector<Origin>& origins, Index to) const;

  std::unordered_map<std::string, Index> known_;
  std::vector<std::vector<Way>> ways_;
  std::vector<Origin> origins_;
  // Few words stand on many ways.
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> words_;
};

}  // namespace skald::sagas
