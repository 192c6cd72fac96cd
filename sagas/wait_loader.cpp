#include "sagas/wait_loader.hpp"

#include "sagas/names.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

void check_time(const core::Template& until, const Yaml& node, FaultList& faults) {
  if (!until.is_constant() || is_one_expression(until)) return;
  const Json& time = until.source();
  if (!time.is_string() || !parse_rfc3339(time.as_string()))
    expected("a time such as 2026-12-24T18:00:00Z, or an expression for one", node, faults);
}

}  // namespace

core::WaitFor read_wait_for(const Yaml& node, std::size_t step, ExpressionReader& expressions,
                            FaultList& faults) {
  core::WaitFor wait;
  YamlReader reader(node, "waitFor", faults);
  reader.require("event");
  if (const auto event = reader.any("event"))
    wait.event = read_name(*event, NameOf::Event, faults).value_or("");
  if (const auto where = reader.any("where"))
    wait.where = expressions.read_single(*where, ExpressionSite::EventFilter, step);
  wait.timeout = reader.duration("timeout");
  const auto on_timeout = reader.one_of<core::OnTimeout>(
      "onTimeout", {{"fail", core::OnTimeout::Fail}, {"continue", core::OnTimeout::Continue}});
  wait.on_timeout = on_timeout.value_or(core::OnTimeout::Fail);
  reader.finish();
  if (on_timeout && !node.find("timeout"))
    faults.error(node.key_place("onTimeout"), "onTimeout has no meaning where nothing times out",
                 "give a timeout, or remove it");
  return wait;
}

core::Wait read_wait(const Yaml& node, std::size_t step, ExpressionReader& expressions, FaultList& faults) {
  core::Wait wait;
  if (!node.is(Yaml::Kind::Map)) {
    wait.duration = read_duration(node, faults).value_or(Duration{});
    return wait;
  }
  YamlReader reader(node, "wait", faults);
  reader.require("until");
  const auto until = reader.any("until");
  if (until) wait.until = expressions.read_single(*until, ExpressionSite::Request, step);
  reader.finish();
  if (wait.until) check_time(*wait.until, *until, faults);
  return wait;
}

}  // namespace skald::sagas
