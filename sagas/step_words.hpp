// The words for what a step does, and what may stand beside each of them.
#pragma once

#include <array>
#include <string_view>

namespace skald::sagas {

struct StepWord {
  std::string_view word;
  std::string_view article;  // "a", "an"
  bool tried_again;          // timeout, totalTimeout, retry
  bool container;            // holds steps, which bear what the container does not
};

inline constexpr std::array<StepWord, 11> kStepWords = {{{"http", "an", true, false},
                                                         {"task", "a", true, false},
                                                         {"waitFor", "a", false, false},
                                                         {"wait", "a", false, false},
                                                         {"switch", "a", false, true},
                                                         {"parallel", "a", false, true},
                                                         {"forEach", "a", false, true},
                                                         {"saga", "a", false, false},
                                                         {"emit", "an", false, false},
                                                         {"set", "a", false, false},
                                                         {"fail", "a", false, false}}};

// Null where no kind is called so.
constexpr const StepWord* find_step_word(std::string_view word) {
  for (const StepWord& known : kStepWords)
    if (known.word == word) return &known;
  return nullptr;
}

}  // namespace skald::sagas
