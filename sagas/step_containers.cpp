// StepLoader: the kinds that hold steps. A container is in the table before its blocks, and they before their
// steps, so that the table has the order of the file.
#include "sagas/names.hpp"
#include "sagas/step_loader.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// All items run at once where they are fewer; each one in flight has a place in the saga's state.
constexpr std::int64_t kMostConcurrency = 1'000;

std::size_t count_inside(const Yaml& step) {
  std::size_t count = 0;
  if (const auto cases = step.find("switch"))
    for (const Yaml& one : cases->items())
      if (const auto steps = one.find("steps")) count += count_steps(*steps);
  const auto parallel = step.find("parallel");
  if (const auto branches = parallel ? parallel->find("branches") : std::nullopt)
    for (const Yaml::Member& branch : branches->members()) count += count_steps(branch.value);
  const auto for_each = step.find("forEach");
  if (const auto steps = for_each ? for_each->find("steps") : std::nullopt) count += count_steps(*steps);
  return count;
}

}  // namespace

std::size_t count_steps(const Yaml& steps) {
  std::size_t count = steps.size();
  for (const Yaml& step : steps.items()) count += count_inside(step);
  return count;
}

void StepLoader::read_sequence(const Yaml& steps, core::BlockIndex block, const std::string& owner) {
  if (steps.size() == 0)
    faults_.error(steps.place(), owner + " has at least one step", "add one, or remove it");
  if (nesting_ > kMaxNesting)
    return faults_.error(steps.place(), "steps are nested at most " + std::to_string(kMaxNesting) + " deep",
                         "make the inner ones a saga of their own, started as a child");
  ++nesting_;
  for (const Yaml& step : steps.items()) read(step, block);
  --nesting_;
}

void StepLoader::read_blocks(core::StepIndex index) {
  const auto value = draft_.steps[index].action;
  if (!value) return;
  // By index and at the end: the steps inside are appended to the same table meanwhile.
  const core::StepKind& kind = draft_.definition.steps[index].kind;
  if (std::holds_alternative<core::Switch>(kind)) {
    core::Switch read = read_switch(*value, index);
    draft_.definition.steps[index].kind = std::move(read);
  } else if (std::holds_alternative<core::Parallel>(kind)) {
    core::Parallel read = read_parallel(*value, index);
    draft_.definition.steps[index].kind = std::move(read);
  } else if (std::holds_alternative<core::ForEach>(kind)) {
    core::ForEach read = read_for_each(*value, index);
    draft_.definition.steps[index].kind = std::move(read);
  }
}

core::Switch StepLoader::read_switch(const Yaml& cases, core::StepIndex index) {
  core::Switch read;
  if (cases.size() == 0)
    faults_.error(cases.place(), "a switch has at least one case", "add one, or remove it");
  const bool before = after_pivot_;
  bool after = before;
  const std::vector<Yaml> items = cases.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    after_pivot_ = before;  // of the cases one at most is taken
    read.cases.push_back(read_case(items[i], index, i + 1 == items.size()));
    after = after || after_pivot_;
  }
  after_pivot_ = after;
  return read;
}

core::Switch::Case StepLoader::read_case(const Yaml& node, core::StepIndex index, bool last) {
  core::Switch::Case read;
  YamlReader reader(node, "a case", faults_);
  const auto when = reader.any("when");
  if (when) read.when = expressions_.read_single(*when, ExpressionSite::Condition, index);
  if (!when && !last && reader.is_map())
    faults_.error(node.place(), "this case has no 'when', so the cases after it are never reached",
                  "give it a when, or put it last");
  read.block = read_block(reader, index, "a case");
  reader.finish();
  return read;
}

core::Parallel StepLoader::read_parallel(const Yaml& node, core::StepIndex index) {
  core::Parallel read;
  YamlReader reader(node, "parallel", faults_);
  reader.require("branches");
  const auto branches = reader.map("branches");
  reader.finish();
  if (!branches) return read;
  if (branches->size() == 0)
    faults_.error(branches->place(), "a parallel has at least one branch", "add one, or remove it");
  for (const Yaml::Member& branch : branches->members()) {
    check_name(branch.key, branch.key_place, NameOf::Branch, faults_);
    const core::BlockIndex block = draft_.definition.add_block(index);
    read.branches.push_back({branch.key, block});
    if (branch.value.is(Yaml::Kind::List))
      read_sequence(branch.value, block, "a branch");
    else
      expected("a list of steps", branch.value, faults_);
  }
  return read;
}

core::ForEach StepLoader::read_for_each(const Yaml& node, core::StepIndex index) {
  core::ForEach read;
  YamlReader reader(node, "forEach", faults_);
  for (const char* key : {"in", "as"}) reader.require(key);
  if (const auto in = reader.any("in"))
    read.in = expressions_.read(*in, ExpressionSite::Request, index).value_or(core::Template{});
  if (const auto as = reader.any("as")) read.as = read_name(*as, NameOf::Item, faults_).value_or("");
  if (const auto most = reader.integer("maxConcurrency", {1, kMostConcurrency}))
    read.max_concurrency = static_cast<std::uint32_t>(*most);
  read.block = read_block(reader, index, "a forEach");
  reader.finish();
  return read;
}

core::BlockIndex StepLoader::read_block(YamlReader& reader, core::StepIndex index, const std::string& owner) {
  const core::BlockIndex block = draft_.definition.add_block(index);
  reader.require("steps");
  if (const auto steps = reader.list("steps")) read_sequence(*steps, block, owner);
  return block;
}

}  // namespace skald::sagas
