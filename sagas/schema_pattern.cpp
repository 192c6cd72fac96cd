#include "sagas/schema_pattern.hpp"

#include <algorithm>
#include <bitset>
#include <string>

#include "sagas/schema_pattern_parse.hpp"

// Thompson's construction, run with all states side by side (Pike's way, without captures): see
// https://swtch.com/~rsc/regexp/regexp2.html.
namespace skald::sagas {

struct Instruction {
  enum class Op { Character, Split, Jump, TextStart, TextEnd, WordEdge, NotWordEdge, Found };
  Op op;
  std::uint32_t next = 0;
  std::uint32_t other = 0;  // of Split: the second way; of Character: which set
};

struct Alphabet {
  std::bitset<128> ascii;
  CharacterSet ranges;

  explicit Alphabet(const CharacterSet& set) : ranges(set) {
    for (const auto& [first, last] : set)
      for (char32_t c = first; c <= last && c < ascii.size(); ++c) ascii.set(c);
  }
  bool contains(char32_t c) const {
    if (c < ascii.size()) return ascii[c];
    const auto range =
        std::lower_bound(ranges.begin(), ranges.end(), c,
                         [](const auto& r, char32_t character) { return r.second < character; });
    return range != ranges.end() && range->first <= c;
  }
};

struct PatternProgram {
  std::vector<Instruction> code;
  std::vector<Alphabet> alphabets;
};

namespace {

using Kind = PatternTerm::Kind;
using Op = Instruction::Op;

// One alphabet test per state and character: what a search may cost is this times the length of the text.
constexpr std::size_t kMaxInstructions = 5000;

// Writes the instructions of a term; each goes on to the one after it.
class Emitter {
 public:
  PatternProgram program;

  bool emit(const PatternTerm& term) {
    if (program.code.size() > kMaxInstructions) return false;
    switch (term.kind) {
      case Kind::Empty: add(Op::Jump); return true;
      case Kind::Character: emit_character(term); return true;
      case Kind::TextStart: add(Op::TextStart); return true;
      case Kind::TextEnd: add(Op::TextEnd); return true;
      case Kind::WordEdge: add(Op::WordEdge); return true;
      case Kind::NotWordEdge: add(Op::NotWordEdge); return true;
      case Kind::Sequence: return emit_sequence(term);
      case Kind::Choice: return emit_choice(term);
      case Kind::Repeat: return emit_repeat(term);
    }
    return true;
  }

  std::uint32_t add(Op op, std::uint32_t other = 0) {
    const auto place = end();
    program.code.push_back({op, place + 1, other});
    return place;
  }

 private:
  std::uint32_t end() const { return static_cast<std::uint32_t>(program.code.size()); }

  void emit_character(const PatternTerm& term) {
    add(Op::Character, static_cast<std::uint32_t>(program.alphabets.size()));
    program.alphabets.emplace_back(term.characters);
  }

  bool emit_sequence(const PatternTerm& term) {
    for (const auto& part : term.parts)
      if (!emit(part)) return false;
    return true;
  }

  bool emit_choice(const PatternTerm& term) {
    std::vector<std::uint32_t> ends;
    for (std::size_t i = 0; i + 1 < term.parts.size(); ++i) {
      const auto split = add(Op::Split);
      if (!emit(term.parts[i])) return false;
      ends.push_back(add(Op::Jump));
      program.code[split].other = end();
    }
    if (!emit(term.parts.back())) return false;
    for (const auto jump : ends) program.code[jump].next = end();
    return true;
  }

  bool emit_repeat(const PatternTerm& term) {
    const PatternTerm& part = term.parts.front();
    for (std::uint32_t i = 0; i < term.minimum; ++i)
      if (!emit(part)) return false;
    if (term.maximum == PatternTerm::kUnbounded) {
      const auto split = add(Op::Split);
      if (!emit(part)) return false;
      program.code[add(Op::Jump)].next = split;
      program.code[split].other = end();
      return true;
    }
    std::vector<std::uint32_t> splits;
    for (std::uint32_t i = term.minimum; i < term.maximum; ++i) {
      splits.push_back(add(Op::Split));
      if (!emit(part)) return false;
    }
    for (const auto split : splits) program.code[split].other = end();
    return true;
  }
};

// What stands around the place between two characters.
struct Surroundings {
  bool text_start;
  bool text_end;
  bool word_edge;
};

// The states the program can be in at one place of the text: each at most once, whatever the ways to it.
class States {
 public:
  explicit States(const PatternProgram& program) : program_(program), seen_(program.code.size(), 0) {}

  std::vector<std::uint32_t> waiting;  // for a character
  bool found = false;

  void clear() {
    waiting.clear();
    ++generation_;
  }

  void enter(std::uint32_t first, const Surroundings& around, std::uint64_t& budget) {
    pending_.push_back(first);
    while (!pending_.empty()) {
      const auto at = pending_.back();
      pending_.pop_back();
      if (seen_[at] == generation_ || budget == 0) continue;
      seen_[at] = generation_;
      --budget;
      const Instruction& instruction = program_.code[at];
      switch (instruction.op) {
        case Op::Character: waiting.push_back(at); break;
        case Op::Split:
          pending_.push_back(instruction.other);
          pending_.push_back(instruction.next);
          break;
        case Op::Jump: pending_.push_back(instruction.next); break;
        case Op::TextStart:
          if (around.text_start) pending_.push_back(instruction.next);
          break;
        case Op::TextEnd:
          if (around.text_end) pending_.push_back(instruction.next);
          break;
        case Op::WordEdge:
          if (around.word_edge) pending_.push_back(instruction.next);
          break;
        case Op::NotWordEdge:
          if (!around.word_edge) pending_.push_back(instruction.next);
          break;
        case Op::Found: found = true; break;
      }
    }
  }

 private:
  const PatternProgram& program_;
  std::vector<std::uint64_t> seen_;
  std::uint64_t generation_ = 1;
  std::vector<std::uint32_t> pending_;
};

}  // namespace

Result<Pattern> Pattern::compile(std::string_view source) {
  const auto term = parse_pattern(source);
  if (!term) return term.error();
  Emitter emitter;
  const bool complete = emitter.emit(*term);
  if (!complete || emitter.program.code.size() > kMaxInstructions)
    return invalid("too large once its repetitions are written out");
  emitter.add(Op::Found);
  return Pattern(std::make_shared<const PatternProgram>(std::move(emitter.program)));
}

bool Pattern::found_in(std::string_view text, std::uint64_t& budget) const {
  // To begin costs too: an array of many short texts clears the marks of all states for each.
  budget -= std::min<std::uint64_t>(budget, program_->code.size() / 8);
  States states(*program_);
  std::vector<std::uint32_t> arrived;  // where the characters read so far have led
  bool after_word = false;
  for (bool first = true;; first = false) {
    const bool last = text.empty();
    const char32_t character = last ? 0 : take_code_point(text);
    const bool before_word = !last && is_word_character(character);
    const Surroundings around{first, last, after_word != before_word};
    states.clear();
    states.enter(0, around, budget);  // the match may begin anywhere
    for (const auto state : arrived) states.enter(state, around, budget);
    if (budget == 0 || (last && !states.found)) return false;
    if (states.found) return true;
    arrived.clear();
    for (const auto state : states.waiting) {
      const Instruction& step = program_->code[state];
      if (program_->alphabets[step.other].contains(character)) arrived.push_back(step.next);
    }
    after_word = before_word;
  }
}

}  // namespace skald::sagas
