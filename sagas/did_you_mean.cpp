#include "sagas/did_you_mean.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace skald::sagas {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
}

// Levenshtein's distance, without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) != lower(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLongestWord = 64;  // the distance costs the product of the lengths
  if (word.size() > kLongestWord) return "";
  std::size_t best = word.size() / 3 + 1;  // more wrong letters than that is another word
  std::string_view nearest;
  for (const auto candidate : known) {
    // A word broken off ("int") is nearer than its distance says.
    const bool shortened = word.size() >= 2 && candidate.starts_with(word);
    const std::size_t wrong = shortened ? 1 : distance(word, candidate);
    if (wrong > best || (wrong == best && !nearest.empty())) continue;
    best = wrong;
    nearest = candidate;
  }
  return nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace skald::sagas
