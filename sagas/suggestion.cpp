#include "sagas/suggestion.hpp"

#include "sagas/did_you_mean.hpp"

namespace skald::sagas {
namespace {
// More than these in one message help nobody.
constexpr std::size_t kMaxListed = 16;
}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string meant = did_you_mean(word, {known.begin(), known.end()});
  if (!meant.empty()) return meant.substr(2);  // without its "; "
  if (known.empty()) return {};
  std::string text = "known here: ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i == kMaxListed) return text + ", …";
    if (i > 0) text += ", ";
    text += known[i];
  }
  return text;
}

}  // namespace skald::sagas
