#include "sagas/event_loader.hpp"

#include "sagas/names.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

std::vector<Yaml> one_or_list(const Yaml& value, FaultList& faults) {
  if (!value.is(Yaml::Kind::List)) return {value};
  if (value.size() == 0) faults.error(value.place(), "this list names no event", "remove it");
  return value.items();
}

std::string read_event(YamlReader& reader, FaultList& faults) {
  reader.require("event");
  const auto event = reader.any("event");
  return event ? read_name(*event, NameOf::Event, faults).value_or("") : "";
}

}  // namespace

const std::vector<std::pair<std::string, core::CancelUntil>>& cancel_until_words() {
  static const std::vector<std::pair<std::string, core::CancelUntil>> words = {
      {"pivot", core::CancelUntil::Pivot},
      {"end", core::CancelUntil::End},
      {"forever", core::CancelUntil::Forever},
      {"never", core::CancelUntil::Never}};
  return words;
}

std::vector<core::StartOn> read_start_on(const Yaml& value, ExpressionReader& expressions,
                                         FaultList& faults) {
  std::vector<core::StartOn> starts;
  for (const Yaml& node : one_or_list(value, faults)) {
    core::StartOn& start = starts.emplace_back();
    YamlReader reader(node, "startOn", faults);
    start.event = read_event(reader, faults);
    if (const auto where = reader.any("where"))
      start.where = expressions.read_single(*where, ExpressionSite::StartOn);
    if (const auto input = reader.any("input"))
      start.input = expressions.read(*input, ExpressionSite::StartOn);
    reader.finish();
  }
  return starts;
}

std::vector<core::CancelOn> read_cancel_on(const Yaml& value, core::CancelUntil standard,
                                           ExpressionReader& expressions, FaultList& faults) {
  std::vector<core::CancelOn> cancels;
  for (const Yaml& node : one_or_list(value, faults)) {
    core::CancelOn& cancel = cancels.emplace_back();
    YamlReader reader(node, "cancelOn", faults);
    cancel.event = read_event(reader, faults);
    if (const auto where = reader.any("where"))
      cancel.where = expressions.read_single(*where, ExpressionSite::CancelOn);
    cancel.until = reader.one_of("until", cancel_until_words()).value_or(standard);
    reader.finish();
  }
  return cancels;
}

}  // namespace skald::sagas
