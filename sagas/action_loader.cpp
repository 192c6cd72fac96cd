#include "sagas/action_loader.hpp"

#include "sagas/http_loader.hpp"
#include "sagas/names.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// Reads the maps of one step, or of its undo.
class ActionLoader {
 public:
  ActionLoader(ActionSide side, std::size_t step, ExpressionReader& expressions, FaultList& faults)
      : site_(side == ActionSide::Undo ? ExpressionSite::UndoRequest : ExpressionSite::Request),
        step_(step),
        expressions_(expressions),
        faults_(faults) {}

  core::TaskAction task(const Yaml& node) {
    core::TaskAction action;
    YamlReader reader(node, "task", faults_);
    action.queue = name(reader, "queue", NameOf::Queue);
    action.body = value(reader, "body");
    reader.finish();
    return action;
  }

  core::EmitAction emit(const Yaml& node) {
    core::EmitAction action;
    YamlReader reader(node, "emit", faults_);
    action.event = name(reader, "event", NameOf::Event);
    action.key = single(reader, "key");
    action.data = value(reader, "data");
    reader.finish();
    return action;
  }

  core::SagaAction saga(const Yaml& node) {
    core::SagaAction action;
    YamlReader reader(node, "saga", faults_);
    action.name = name(reader, "name", NameOf::Saga);
    action.input = value(reader, "input");
    action.business_key = single(reader, "businessKey");
    reader.finish();
    return action;
  }

 private:
  std::string name(YamlReader& reader, std::string_view key, NameOf what) {
    reader.require(key);
    const auto node = reader.any(key);
    return node ? read_name(*node, what, faults_).value_or("") : "";
  }

  std::optional<core::Template> value(YamlReader& reader, std::string_view key) {
    const auto node = reader.any(key);
    return node ? expressions_.read(*node, site_, step_) : std::nullopt;
  }

  std::optional<core::Template> single(YamlReader& reader, std::string_view key) {
    const auto node = reader.any(key);
    return node ? expressions_.read_single(*node, site_, step_) : std::nullopt;
  }

  ExpressionSite site_;
  std::size_t step_;
  ExpressionReader& expressions_;
  FaultList& faults_;
};

}  // namespace

core::Action read_action(std::string_view word, const Yaml& node, ActionSide side, std::size_t step,
                         ExpressionReader& expressions, FaultList& faults) {
  ActionLoader loader(side, step, expressions, faults);
  if (word == "task") return loader.task(node);
  if (word == "emit") return loader.emit(node);
  if (word == "saga") return loader.saga(node);
  return read_http_action(node, side, step, expressions, faults);
}

}  // namespace skald::sagas
