#include "sagas/names.hpp"

#include <algorithm>

#include "sagas/yaml_value.hpp"

namespace skald::sagas {
namespace {

struct NameRule {
  std::string_view called;  // "the id of a step"
  bool capitals;
  std::string_view marks;  // allowed beside letters and digits, not in front
  std::size_t longest;
  std::string_view remedy;
};

constexpr std::string_view kSagaRemedy = "use a-z, 0-9 and '-', a letter first, at most 63";
constexpr std::string_view kIdRemedy = "use letters, digits, '_' and '-', a letter first, at most 63";
// Types of CloudEvents: "com.example.order.placed".
constexpr std::string_view kEventRemedy =
    "use letters, digits, '.', '_', '-' and ':', a letter first, at most 255";

// A switch over the kinds rather than an array, so that none is forgotten.
NameRule rule_of(NameOf what) {
  switch (what) {
    case NameOf::Saga: return {"the name of a saga", false, "-", 63, kSagaRemedy};
    case NameOf::View: return {"the name of a view", false, "-", 63, kSagaRemedy};
    case NameOf::Step: return {"the id of a step", true, "_-", 63, kIdRemedy};
    case NameOf::Branch: return {"the name of a branch", true, "_-", 63, kIdRemedy};
    case NameOf::Event: return {"the name of an event", true, "._-:", 255, kEventRemedy};
    case NameOf::Queue:
      return {"the name of a queue", true, "._-", 63,
              "use letters, digits, '.', '_' and '-', a letter first, at most 63"};
    // Without '-': expressions read it as .name.
    case NameOf::Item:
      return {"the name of an item", true, "_", 63,
              "use letters, digits and '_', a letter first, at most 63"};
    // Parameters of a query, and with room for what PostgreSQL's 63 bytes must hold beside it.
    case NameOf::Column:
      return {"the name of a column", true, "_", 48,
              "use letters, digits and '_', a letter first, at most 48"};
  }
  return {};
}

bool fits(std::string_view name, const NameRule& rule) {
  const auto is_letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (rule.capitals && c >= 'A' && c <= 'Z');
  };
  const bool underscore_first = rule.marks.find('_') != std::string_view::npos;
  const auto is_inner = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || rule.marks.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= rule.longest &&
         (is_letter(name.front()) || (underscore_first && name.front() == '_')) &&
         std::all_of(name.begin(), name.end(), is_inner);
}

}  // namespace

void check_name(const std::string& name, Place place, NameOf what, FaultList& faults) {
  const NameRule rule = rule_of(what);
  if (!fits(name, rule))
    faults.error(place, "'" + name + "' cannot be " + std::string(rule.called), std::string(rule.remedy));
}

std::optional<std::string> read_name(const Yaml& value, NameOf what, FaultList& faults) {
  auto name = read_text(value, faults);
  if (name) check_name(*name, value.place(), what, faults);
  return name;
}

}  // namespace skald::sagas
