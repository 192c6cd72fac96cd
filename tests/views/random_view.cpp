#include "tests/views/random_view.hpp"

#include <array>

namespace skald::views::testing {
namespace {

bool once_in(Random& random, std::uint64_t times) {
  return random.below(times) == 0;
}

template <std::size_t size>
std::string one_of(Random& random, const std::array<const char*, size>& words) {
  return words[random.below(size)];
}

// The columns, their types, and the one way each is written.
struct Writable {
  const char* name;
  const char* type;
  const char* fold;
};
constexpr std::array<Writable, 9> kColumns = {{{"kept", "text", "set"},
                                               {"number", "numeric", "set"},
                                               {"any", "jsonb", "set"},
                                               {"count", "integer", "add"},
                                               {"sum", "numeric", "add"},
                                               {"most", "numeric", "max"},
                                               {"last", "timestamptz", "max"},
                                               {"least", "text", "min"},
                                               {"latest", "jsonb", "append"}}};

std::string value_for(Random& random, const Writable& column) {
  const std::string type = column.type;
  if (type == "timestamptz") return "\"${ .event.time }\"";
  if (type == "integer") return one_of<3>(random, {"1", "-1", "2"});
  if (type == "numeric")
    return one_of<4>(random, {"\"${ .event.output.amount }\"", "\"${ .input.amount }\"", "0.25",
                              "\"${ .event.output.none }\""});
  if (type == "jsonb")
    return one_of<3>(random, {"{ at: \"${ .event.position }\", of: \"${ .saga.businessKey }\" }",
                              "\"${ .event.output }\"", "\"${ .steps }\""});
  return one_of<4>(
      random, {"\"${ .event.output.word }\"", "\"${ .event.position }\"", "fixed", "\"${ .error.title }\""});
}

std::string random_folds(Random& random) {
  std::string text;
  for (const std::string fold : {"set", "add", "max", "min"}) {
    std::string columns;
    for (const Writable& column : kColumns)
      if (column.fold == fold && once_in(random, 2))
        columns +=
            (columns.empty() ? "" : ", ") + std::string(column.name) + ": " + value_for(random, column);
    if (!columns.empty()) text += "    " + fold + ": { " + columns + " }\n";
  }
  if (text.empty() || once_in(random, 3))
    text += "    append: { column: latest, value: " + value_for(random, kColumns.back()) + ", limit: 3 }\n";
  return text;
}

std::string random_rule(Random& random, const std::string& own_key, bool removes) {
  const bool remove = removes && once_in(random, 4);
  std::string text =
      "  - event: " +
      one_of<5>(random, {"StepSucceeded", "[StepSucceeded, StepFailed]", "SagaEnded",
                         "[SagaStarted, StepSucceeded, SagaEnded]", "[StepCompensated, StepSucceeded]"}) +
      "\n";
  if (once_in(random, 4)) text += "    saga: " + one_of<2>(random, {"one", "two"}) + "\n";
  if (once_in(random, 3)) text += "    if: \"${ .event.output.flag }\"\n";
  if (!own_key.empty() && once_in(random, 2)) text += "    key: " + own_key + "\n";
  return text + (remove ? "    remove: true\n" : random_folds(random));
}

struct KeyChoice {
  const char* key;
  const char* own;  // of some rules; empty: none
  bool ordered;
};
constexpr std::array<KeyChoice, 6> kKeys = {
    {{"{ k: \"${ .saga.id }\" }", "", true},
     {"{ k: \"${ .saga.businessKey }\" }", "", true},
     {"{ k: \"${ .saga.id }\" }", "{ k: \"${ .saga.businessKey }\" }", true},
     {"{ k: \"${ .saga.businessKey }\", step: \"${ .event.type }\" }", "", true},
     {"{ k: \"${ .event.output.word }\" }", "{ k: \"${ .saga.name }\" }", false},
     {"{ k: \"${ .saga.name }\", step: \"${ .event.output.word }\" }", "", false}}};

Json random_output(Random& random) {
  if (once_in(random, 6)) return {};
  const auto cents = std::to_string(random.below(100'000));
  // Member by member: of the list of members g++ 12 thinks that a part is not initialized.
  Json::Object output;
  output.append("amount", Json::number_from_text(cents + (once_in(random, 2) ? ".10" : ".5")));
  output.append("flag", once_in(random, 2));
  Json word;
  if (!once_in(random, 8)) word = one_of<4>(random, {"a", "b", "c", "d"});
  output.append("word", std::move(word));
  return output;
}

core::Fact random_fact(Random& random) {
  switch (random.below(6)) {
    case 0: return core::StepFailed{"pay", 1, core::make_problem("timeout", ""), true, false};
    case 1: return core::StepCompensated{"pay", 1, random_output(random), once_in(random, 2), std::nullopt};
    case 2: {
      core::SagaEnded end;
      end.status = one_of<3>(random, {"completed", "cancelled", "failed"});
      end.undo = "none";
      end.output = random_output(random);
      return end;
    }
    default: return core::StepSucceeded{"pay", 1, random_output(random), std::nullopt};
  }
}

}  // namespace

std::string random_view(Random& random) {
  const KeyChoice& key = kKeys[random.below(kKeys.size())];
  std::string text = "view: random\nkey: " + std::string(key.key) + "\ncolumns:\n  k: text\n";
  if (std::string(key.key).find("step:") != std::string::npos) text += "  step: text\n";
  for (const Writable& column : kColumns) text += "  " + std::string(column.name) + ": " + column.type + "\n";
  text += "rules:\n";
  for (std::uint64_t rules = 1 + random.below(4); rules > 0; --rules)
    text += random_rule(random, key.own, key.ordered);
  return text;
}

void tell_random_log(Random& random, SeenLog& log, std::size_t events) {
  constexpr std::uint16_t kPartitions = 4;
  const auto& one = log.define("saga: one\nsteps: [{ id: pay, set: {} }]\n");
  const auto& two = log.define("saga: two\nsteps: [{ id: pay, set: {} }]\n");
  std::vector<SagaId> sagas;
  for (std::size_t i = 0; i < events; ++i) {
    // Several events may bear one time, also in different partitions: their place decides.
    const Duration later = once_in(random, 2) ? Duration(0) : Duration(random.below(2'000'000));
    if (!sagas.empty() && !once_in(random, 6)) {
      log.tell(sagas[random.below(sagas.size())], random_fact(random), later);
      continue;
    }
    core::SagaStarted start;
    start.input = Json::object({{"amount", Json::number_from_text("0.01")}});
    // Of an id as key, too: it lies in that saga's own partition.
    start.business_key = one_of<3>(random, {"ann", "bob", "eve"});
    if (!sagas.empty() && once_in(random, 2)) start.business_key = to_text(sagas[random.below(sagas.size())]);
    const bool keyless = once_in(random, 3);
    const std::uint16_t partition = keyless ? static_cast<std::uint16_t>(random.below(kPartitions))
                                            : partition_of(start.business_key, kPartitions).number;
    sagas.push_back(log.begin(once_in(random, 2) ? one : two, partition));
    if (keyless) start.business_key = to_text(sagas.back());
    log.tell(sagas.back(), std::move(start), later);
  }
}

ViewAndLog::ViewAndLog(std::uint64_t seed, std::size_t events)
    : random(seed), text(random_view(random)), view(view_of(text)) {
  tell_random_log(random, log, events);
}

}  // namespace skald::views::testing
