#include "sagas/explore/samples.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/core/scope.hpp"
#include "sagas/explore/shape.hpp"
#include "sagas/explore/spot.hpp"
#include "sagas/expression_use.hpp"
#include "sagas/schema.hpp"

namespace skald::sagas {
namespace {

// Of one source. Beyond them its values are varied one at a time.
constexpr std::size_t kMostCombinations = 2'000;
// Elements of a list that differ, beside the first.
constexpr std::size_t kMostOtherElements = 4;
// A kind that is found late can make another one fit that was looked at before.
constexpr int kRounds = 2;

// A place whose value decides something, and what may stand there.
struct Slot {
  std::vector<std::string> path;
  std::vector<Json> candidates;
};

// A place that decides something, and the text of what compares it.
struct Deciding {
  Spot spot;
  std::string text;
};
// Outputs computed from outputs, that are looked through.
constexpr int kMostComputed = 3;

void add_new(std::vector<Json>& values, Json value) {
  const auto same = [&](const Json& known) { return known.dump() == value.dump(); };
  if (std::none_of(values.begin(), values.end(), same)) values.push_back(std::move(value));
}

std::vector<std::string> part(const std::vector<std::string>& path, std::size_t from, std::size_t to) {
  return {path.begin() + static_cast<std::ptrdiff_t>(from), path.begin() + static_cast<std::ptrdiff_t>(to)};
}

class Maker {
 public:
  explicit Maker(const core::Definition& definition)
      : definition_(definition), expressions_(expressions_of(definition)) {
    if (!definition.input_schema.is_null())
      if (auto schema = Schema::compile(definition.input_schema)) schema_ = std::move(*schema);
  }

  Samples make() {
    find_shapes();
    fit_kinds();
    Samples samples;
    samples.inputs = kinds_of("", {given_.at("")});
    for (const core::Step& step : definition_.steps)
      if (is_answered(step)) samples.answers[step.id] = kinds_of(step.id, samples.inputs);
    return samples;
  }

 private:
  void find_shapes() {
    shapes_[""];
    for (const core::Step& step : definition_.steps)
      if (is_answered(step)) shapes_[step.id];
    for (const Expression& expression : expressions_)
      for (const core::Reference& read : expression.reads) note(expression, read);
    make_up();
  }
  void note(const Expression& expression, const core::Reference& read) {
    const auto spot = spot_of(definition_, expression.step, read);
    if (!spot) return;
    Shape& shape = shapes_[spot->source].at(spot->path);
    if (expression.role == ExpressionRole::Items && only_path(Json(expression.text), {read}))
      shape.at({kElement});
  }
  void make_up() {
    for (const auto& [source, shape] : shapes_) {
      const Json schema = source.empty() ? definition_.input_schema : Json();
      const bool unread = shape.members.empty() && schema.is_null();
      given_[source] = unread ? Json(Json::Object{}) : made_up(shape, schema, source);
    }
  }

  // How many expressions can be evaluated.
  std::size_t fitting() const {
    const Ideal ideal(definition_, given_);
    std::size_t count = 0;
    for (const Expression& expression : expressions_) {
      const auto roots = ideal.roots(expression.step);
      count +=
          std::all_of(roots.begin(), roots.end(), [&](const Json& root) { return fits(expression, root); });
    }
    return count;
  }
  static bool fits(const Expression& expression, const Json& root) {
    const auto value = expression.evaluate(root);
    if (!value) return false;
    if (expression.role == ExpressionRole::Items) return value->is_array();
    if (expression.role != ExpressionRole::Time) return true;
    return value->is_string() && parse_rfc3339(value->as_string());
  }
  // Gives each value the first kind with which most expressions can be evaluated.
  void fit_kinds() {
    std::size_t best = fitting();
    for (int round = 0; round < kRounds; ++round)
      for (auto& [source, shape] : shapes_)
        for (Shape* leaf : shape.leaves())
          if (best < expressions_.size()) best = fit(*leaf, best);
    make_up();
  }
  std::size_t fit(Shape& leaf, std::size_t best) {
    Shape::Kind chosen = leaf.kind;
    for (const auto kind : {Shape::Kind::Text, Shape::Kind::Number, Shape::Kind::Truth, Shape::Kind::List,
                            Shape::Kind::Map, Shape::Kind::Time}) {
      leaf.kind = kind;
      make_up();
      if (const std::size_t count = fitting(); count > best) {
        best = count;
        chosen = kind;
      }
    }
    leaf.kind = chosen;
    return best;
  }

  // One value for each way in which conditions and lists come out, the made-up one first.
  std::vector<Json> kinds_of(const std::string& source, const std::vector<Json>& inputs) const {
    std::vector<Json> kinds;
    std::set<std::string> known;
    for (const Json& value : combinations(source)) {
      if (source.empty() && schema_ && !schema_->validate(value).empty()) continue;
      const auto outcome = outcome_of(source, value, inputs);
      if (!outcome || !known.insert(*outcome).second) continue;
      kinds.push_back(value);
      if (kinds.size() == kMostKinds) break;
    }
    if (kinds.empty()) kinds.push_back(given_.at(source));
    return kinds;
  }
  // How every deciding expression comes out with this value; none: one of them cannot be evaluated, though it
  // can with the made-up one.
  std::optional<std::string> outcome_of(const std::string& source, const Json& value,
                                        const std::vector<Json>& inputs) const {
    std::string outcome;
    for (const Json& input : inputs) {
      Given given = given_;
      given[""] = input;
      given[source] = value;
      const Ideal ideal(definition_, given);
      for (const Expression& expression : expressions_) {
        if (!expression.decides()) continue;
        for (const Json& root : ideal.roots(expression.step)) outcome += told(expression, root);
        outcome += ';';
      }
    }
    const bool fails = outcome.find('!') != std::string::npos;
    if (fails && value.dump() != given_.at(source).dump()) return std::nullopt;
    return outcome;
  }
  static std::string told(const Expression& expression, const Json& root) {
    const auto value = expression.evaluate(root);
    if (!value) return "!";
    if (expression.role == ExpressionRole::Items)
      return value->is_array() ? std::to_string(value->as_array().size()) : "!";
    return core::is_true(*value) ? "t" : "f";
  }

  std::vector<Json> combinations(const std::string& source) const {
    const std::vector<Slot> slots = slots_of(source);
    std::vector<Json> values = {given_.at(source)};
    std::size_t count = 1;
    for (const Slot& slot : slots)
      count = std::min(count * (slot.candidates.size() + 1), kMostCombinations + 1);
    const bool all = count <= kMostCombinations;
    for (const Slot& slot : slots) {
      const std::vector<Json> before = all ? values : std::vector<Json>{given_.at(source)};
      for (const Json& value : before)
        for (const Json& candidate : slot.candidates)
          // A member that is not there reads as null, and a schema mostly wants it so.
          values.push_back(candidate.is_null() ? without(value, slot.path)
                                               : replaced(value, slot.path, candidate));
    }
    return values;
  }

  std::vector<Slot> slots_of(const std::string& source) const {
    std::map<std::vector<std::string>, std::vector<Json>> candidates;
    for (const Expression& expression : expressions_) {
      if (!expression.decides()) continue;
      std::vector<Deciding> deciding;
      for (const core::Reference& read : expression.reads)
        find_deciding(deciding, expression.step, read, expression.text, kMostComputed);
      for (const auto& [spot, text] : deciding) {
        if (spot.source != source) continue;
        auto& known = candidates[spot.path];
        if (expression.role == ExpressionRole::Condition)
          for (Json& value : candidates_for(spot, text)) add_new(known, std::move(value));
      }
    }
    return slots_from(source, candidates);
  }
  // Back through outputs that are computed: what they read decides as well.
  void find_deciding(std::vector<Deciding>& found, std::optional<core::StepIndex> reader,
                     const core::Reference& read, const std::string& text, int depth) const {
    if (auto spot = spot_of(definition_, reader, read)) return found.push_back({std::move(*spot), text});
    if (depth == 0 || read.size() < 3 || read[0] != "steps" || read[2] != "output") return;
    const core::Step* step = definition_.find_step(read[1]);
    const auto* set = step ? std::get_if<core::SetValues>(&step->kind) : nullptr;
    const core::Template* output = step && step->output ? &*step->output : set ? &set->values : nullptr;
    if (!output) return;
    const Json* member = read.size() > 3 ? output->source().find(read[3]) : nullptr;
    const Json& source = member ? *member : output->source();
    const std::string computed = source.is_string() ? source.as_string() : source.dump();
    for (const core::Reference& inner : output->references())
      if (computed.find(to_text(inner)) != std::string::npos)
        find_deciding(found, definition_.index_of(*step), inner, computed + ' ' + text, depth - 1);
  }
  // What stands inside of elements becomes other lists.
  std::vector<Slot> slots_from(
      const std::string& source,
      const std::map<std::vector<std::string>, std::vector<Json>>& candidates) const {
    std::map<std::vector<std::string>, std::vector<Json>> elements;  // by the list, other ones than the first
    std::vector<Slot> slots;
    for (const auto& [path, values] : candidates) {
      const auto element = std::find(path.begin(), path.end(), kElement);
      const auto length = static_cast<std::size_t>(element - path.begin());
      const auto list = part(path, 0, length);
      const Json base = value_at(given_.at(source), list);
      if (element != path.end()) {
        auto& others = elements[list];
        if (!base.is_array() || base.as_array().empty()) continue;
        for (const Json& value : values)
          if (others.size() < kMostOtherElements)
            add_new(others, replaced(base.as_array()[0], part(path, length + 1, path.size()), value));
      } else if (base.is_array()) {
        elements[list];
      } else {
        slots.push_back({path, values});
      }
    }
    for (const auto& [list, others] : elements) slots.push_back({list, lists_of(source, list, others)});
    return slots;
  }
  // Of 0, 1 and 2 elements.
  std::vector<Json> lists_of(const std::string& source, const std::vector<std::string>& path,
                             const std::vector<Json>& others) const {
    const Json base = value_at(given_.at(source), path);
    std::vector<Json> lists = {Json::Array{}};
    if (!base.is_array() || base.as_array().empty()) return lists;
    const Json first = base.as_array()[0];
    lists.push_back(Json::Array{first});
    for (const Json& other : others) lists.push_back(Json::Array{other});
    lists.push_back(Json::Array{first, others.empty() ? first : others.back()});
    return lists;
  }
  std::vector<Json> candidates_for(const Spot& spot, std::string_view text) const {
    std::vector<Json> values = {true, false, Json()};
    for (Json& value : constants_in(text)) add_new(values, std::move(value));
    if (!spot.source.empty()) return values;
    const Json schema = schema_at(definition_.input_schema, spot.path);
    if (const Json* listed = schema.find("enum"); listed && listed->is_array())
      for (const Json& value : listed->as_array()) add_new(values, value);
    return values;
  }

  const core::Definition& definition_;
  const std::vector<Expression> expressions_;
  std::optional<Schema> schema_;
  std::map<std::string, Shape, std::less<>> shapes_;
  Given given_;
};

void add_number(std::vector<Json>& values, std::string_view digits) {
  std::int64_t number = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) return;
  for (const std::int64_t near : {number, number + 1, number - 1}) add_new(values, near);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

std::vector<Json> constants_in(std::string_view text) {
  std::vector<Json> values;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      const std::size_t end = std::min(text.find('"', i + 1), text.size());
      std::string constant(text.substr(i + 1, end - i - 1));
      if (constant.ends_with('\\')) constant.pop_back();  // inside of a map, as JSON writes it
      add_new(values, std::move(constant));
      i = end;
    } else if (is_digit(text[i]) && (i == 0 || !is_word(text[i - 1]))) {
      std::size_t end = i;
      while (end < text.size() && is_digit(text[end])) ++end;
      add_number(values, text.substr(i, end - i));
      i = end - 1;
    }
  }
  return values;
}

const std::vector<Json>& Samples::of(std::string_view step) const {
  static const std::vector<Json> kNothing = {Json()};
  const auto found = answers.find(step);
  return found == answers.end() ? kNothing : found->second;
}

Samples make_samples(const core::Definition& definition) {
  return Maker(definition).make();
}

}  // namespace skald::sagas
