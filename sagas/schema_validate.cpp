#include <algorithm>
#include <unordered_map>

#include "sagas/did_you_mean.hpp"
#include "sagas/schema.hpp"
#include "sagas/schema_compiled.hpp"
#include "sagas/schema_text.hpp"

namespace skald::sagas {
namespace {

using namespace rules;

// Definitions come from people we trust, values from anybody. The unit of work is a step of a pattern or a
// byte compared, about 10 ns; a visit of a schema costs ten of them. So a hostile value takes a lane 0.2 s at
// most, and an honest one needs a thousandth of it.
constexpr std::uint64_t kMaxWork = 10'000'000;
constexpr std::uint64_t kVisitWork = 10;
constexpr int kMaxDepth = 1000;  // nested schemas at once: our own recursion

// Where in the value we are; a chain on the stack, written out only when there is a fault.
struct ValuePlace {
  const ValuePlace* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;

  std::string pointer() const {
    if (!parent) return "";
    return pointer_to(parent->pointer(), key.data() ? std::string(key) : std::to_string(index));
  }
};

// Everything but "integer", which takes a look at the number's text.
bool is_of_kind(const Json& value, Type type) {
  switch (type) {
    case Type::Null: return value.is_null();
    case Type::Boolean: return value.is_boolean();
    case Type::Object: return value.is_object();
    case Type::Array: return value.is_array();
    case Type::Number: return value.is_number();
    case Type::String: return value.is_string();
    case Type::Integer: return false;
  }
  return false;
}

// One value against one schema. Rules about other types of value than theirs say nothing, as draft-07 has it.
class Validation {
 public:
  explicit Validation(const CompiledSchema& schema) : schema_(schema) {}

  std::vector<SchemaFault> run(const Json& value) {
    Faults faults{.limit = Schema::kMaxFaults, .list = {}};
    check(0, value, {}, faults);
    if (work_ == 0) return {{"", "is too large to be checked against this schema"}};
    return std::move(faults.list);
  }

 private:
  struct Faults {
    std::size_t limit;
    std::vector<SchemaFault> list;
    bool full() const { return list.size() >= limit; }
  };

  // The rules of one node at one place, as visitor.
  struct Visit {
    Validation& all;
    const Json& value;
    const ValuePlace& place;
    Faults& faults;

    void fault(std::string message) const { fault_at(place, std::move(message)); }
    void fault_at(const ValuePlace& where, std::string message) const {
      if (!faults.full()) faults.list.push_back({where.pointer(), std::move(message)});
    }
    void check(SchemaNodeId node) const { all.check(node, value, place, faults); }
    bool fits(SchemaNodeId node) const { return all.fits(node, value, place); }
    // The number exactly; its text may be as long as the request.
    Decimal exact_number() const {
      const std::string text = value.number_text();
      all.spend(text.size());
      return parse_decimal(text);
    }
    bool is_integer() const { return value.is_number() && exact_number().is_integer(); }
    bool found(const Pattern& pattern, std::string_view text) const {
      return pattern.found_in(text, all.work_);
    }

    void operator()(const Never&) const { fault("must not be there"); }
    void operator()(const Reference& rule) const { check(rule.target); }
    void operator()(const Types& rule) const;
    void operator()(const Values& rule) const;
    void operator()(const Range& rule) const;
    void operator()(const MultipleOf& rule) const;
    void operator()(const Length& rule) const;
    void operator()(const ItemCount& rule) const;
    void operator()(const MemberCount& rule) const;
    void operator()(const Matches& rule) const;
    void operator()(const Formatted& rule) const;
    void operator()(const Items& rule) const;
    void operator()(const Contains& rule) const;
    void operator()(const Unique& rule) const;
    void operator()(const Members& rule) const;
    void operator()(const Required& rule) const;
    void operator()(const MemberNames& rule) const;
    void operator()(const Dependencies& rule) const;
    void operator()(const AllOf& rule) const;
    void operator()(const AnyOf& rule) const;
    void operator()(const OneOf& rule) const;
    void operator()(const Not& rule) const;
    void operator()(const Condition& rule) const;

    void check_count(const Count& allowed, std::uint64_t count, std::string_view verb, std::string_view one,
                     std::string_view many) const;
    void check_member(const Members& rule, const Json::Member& member) const;
    std::string why_not(SchemaNodeId node) const;
  };

  void check(SchemaNodeId node, const Json& value, const ValuePlace& place, Faults& faults) {
    if (work_ == 0 || faults.full()) return;
    spend(kVisitWork);
    if (++depth_ > kMaxDepth) work_ = 0;
    const Visit visit{*this, value, place, faults};
    for (const Rule& rule : schema_.nodes[node].rules)
      if (work_ > 0) std::visit(visit, rule);
    --depth_;
  }

  bool fits(SchemaNodeId node, const Json& value, const ValuePlace& place) {
    Faults first{.limit = 1, .list = {}};
    check(node, value, place, first);
    return first.list.empty();
  }

  void spend(std::size_t work) { work_ -= std::min<std::uint64_t>(work_, work); }

  const CompiledSchema& schema_;
  std::uint64_t work_ = kMaxWork;  // what is left of it; 0: given up
  int depth_ = 0;
};

void Validation::Visit::operator()(const Types& rule) const {
  for (const Type type : rule.allowed)
    if (type == Type::Integer ? is_integer() : is_of_kind(value, type)) return;
  fault("must be " + rule.words + ", is " + described(value));
}

void Validation::Visit::operator()(const Values& rule) const {
  const std::string key = exact_key(value);
  all.spend(key.size());
  if (rule.keys.contains(key)) return;
  fault("must be " + rule.words + ", is " + shown(value.dump()));
}

void Validation::Visit::operator()(const Range& rule) const {
  if (!value.is_number()) return;
  const Decimal number = exact_number();
  const std::string is = ", is " + shown(value.number_text());
  if (rule.minimum && number < rule.minimum->value) fault("must be at least " + rule.minimum->text + is);
  if (rule.maximum && number > rule.maximum->value) fault("must be at most " + rule.maximum->text + is);
  if (rule.exclusive_minimum && number <= rule.exclusive_minimum->value)
    fault("must be more than " + rule.exclusive_minimum->text + is);
  if (rule.exclusive_maximum && number >= rule.exclusive_maximum->value)
    fault("must be less than " + rule.exclusive_maximum->text + is);
}

void Validation::Visit::operator()(const MultipleOf& rule) const {
  if (value.is_number() && !is_multiple(exact_number(), rule.divisor.value))
    fault("must be a multiple of " + rule.divisor.text + ", is " + shown(value.number_text()));
}

void Validation::Visit::check_count(const Count& allowed, std::uint64_t count, std::string_view verb,
                                    std::string_view one, std::string_view many) const {
  const std::string must = "must " + std::string(verb) + " ", has = ", has " + std::to_string(count);
  if (count < allowed.minimum) fault(must + "at least " + counted(allowed.minimum, one, many) + has);
  if (count > allowed.maximum) fault(must + "at most " + counted(allowed.maximum, one, many) + has);
}

void Validation::Visit::operator()(const Length& rule) const {
  if (value.is_string()) check_count(rule, code_points(value.as_string()), "have", "character", "characters");
}

void Validation::Visit::operator()(const ItemCount& rule) const {
  if (value.is_array()) check_count(rule, value.as_array().size(), "hold", "item", "items");
}

void Validation::Visit::operator()(const MemberCount& rule) const {
  if (value.is_object()) check_count(rule, value.as_object().size(), "have", "property", "properties");
}

void Validation::Visit::operator()(const Matches& rule) const {
  if (value.is_string() && !found(rule.pattern, value.as_string()))
    fault("must match the pattern " + rule.source + ", is " + shown(value.dump()));
}

void Validation::Visit::operator()(const Formatted& rule) const {
  if (value.is_string() && !rule.format->fits(value.as_string()))
    fault("must be " + std::string(rule.format->description) + ", is " + shown(value.dump()));
}

void Validation::Visit::operator()(const Items& rule) const {
  if (!value.is_array()) return;
  const auto& items = value.as_array();
  for (std::size_t i = 0; i < items.size() && !faults.full(); ++i) {
    const ValuePlace inside{&place, {}, i};
    if (i < rule.places.size())
      all.check(rule.places[i], items[i], inside, faults);
    else if (rule.rest)
      all.check(*rule.rest, items[i], inside, faults);
    else
      return;
  }
}

void Validation::Visit::operator()(const Contains& rule) const {
  if (!value.is_array()) return;
  const auto& items = value.as_array();
  for (std::size_t i = 0; i < items.size(); ++i)
    if (all.fits(rule.item, items[i], {&place, {}, i})) return;
  fault("must hold an item that fits \"contains\"");
}

void Validation::Visit::operator()(const Unique&) const {
  if (!value.is_array()) return;
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    auto key = exact_key(value.as_array()[i]);
    all.spend(key.size());
    const auto [earlier, fresh] = seen.emplace(std::move(key), i);
    if (fresh) continue;
    return fault_at({&place, {}, i},
                    "equals item " + std::to_string(earlier->second) + "; the items must differ");
  }
}

void Validation::Visit::operator()(const Members& rule) const {
  if (!value.is_object()) return;
  for (const auto& member : value.as_object()) {
    if (faults.full()) return;
    check_member(rule, member);
  }
}

void Validation::Visit::check_member(const Members& rule, const Json::Member& member) const {
  const ValuePlace inside{&place, member.key, 0};
  bool known = false;
  if (const auto named = rule.properties.find(member.key); named != rule.properties.end()) {
    known = true;
    all.check(named->second, member.value, inside, faults);
  }
  for (const auto& [pattern, node] : rule.patterns) {
    if (!found(pattern, member.key)) continue;
    known = true;
    all.check(node, member.value, inside, faults);
  }
  if (known || !rule.rest) return;
  if (!rule.closed) return all.check(*rule.rest, member.value, inside, faults);
  std::vector<std::string_view> names;
  for (const auto& [name, node] : rule.properties) names.push_back(name);
  fault_at(inside, "is not a known property" + did_you_mean(member.key, names));
}

void Validation::Visit::operator()(const Required& rule) const {
  if (!value.is_object()) return;
  for (const auto& name : rule.names)
    if (!value.find(name)) fault("the property \"" + name + "\" is missing");
}

void Validation::Visit::operator()(const MemberNames& rule) const {
  if (!value.is_object()) return;
  for (const auto& member : value.as_object()) {
    Faults first{.limit = 1, .list = {}};
    all.check(rule.name, member.key, place, first);
    if (first.list.empty()) continue;
    fault_at({&place, member.key, 0}, "has a name that does not fit: " + first.list.front().message);
  }
}

void Validation::Visit::operator()(const Dependencies& rule) const {
  if (!value.is_object()) return;
  for (const auto& [member, names] : rule.names) {
    if (!value.find(member)) continue;
    for (const auto& name : names)
      if (!value.find(name))
        fault("with \"" + member + "\" the property \"" + name + "\" is needed too, and missing");
  }
  for (const auto& [member, schema] : rule.schemas)
    if (value.find(member)) check(schema);
}

void Validation::Visit::operator()(const AllOf& rule) const {
  for (const auto node : rule.schemas) check(node);
}

void Validation::Visit::operator()(const AnyOf& rule) const {
  std::vector<std::string> reasons;
  for (const auto node : rule.schemas) {
    std::string reason = why_not(node);
    if (reason.empty()) return;
    reasons.push_back(std::move(reason));
  }
  fault("fits none of the alternatives: " + in_words(reasons, "; or "));
}

void Validation::Visit::operator()(const OneOf& rule) const {
  std::vector<std::string> reasons, fitting;
  for (std::size_t i = 0; i < rule.schemas.size(); ++i) {
    std::string reason = why_not(rule.schemas[i]);
    if (reason.empty())
      fitting.push_back(std::to_string(i + 1));
    else
      reasons.push_back(std::move(reason));
  }
  if (fitting.empty())
    fault("fits none of the alternatives: " + in_words(reasons, "; or "));
  else if (fitting.size() > 1)
    fault("must fit exactly one of the alternatives, fits " + in_words(fitting, " and "));
}

// The first fault that this schema finds, or "" where the value fits.
std::string Validation::Visit::why_not(SchemaNodeId node) const {
  Faults first{.limit = 1, .list = {}};
  all.check(node, value, {}, first);
  if (first.list.empty()) return "";
  const auto& [pointer, message] = first.list.front();
  return pointer.empty() ? message : pointer + " " + message;
}

void Validation::Visit::operator()(const Not& rule) const {
  if (fits(rule.schema)) fault("fits what \"not\" forbids");
}

void Validation::Visit::operator()(const Condition& rule) const {
  const auto& branch = fits(*rule.when) ? rule.then : rule.otherwise;
  if (branch) check(*branch);
}

}  // namespace

std::vector<SchemaFault> Schema::validate(const Json& value) const {
  return Validation(*compiled_).run(value);
}

}  // namespace skald::sagas
