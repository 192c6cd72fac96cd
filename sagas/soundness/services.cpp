// Every service that is called is registered.
#include "sagas/services.hpp"

#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

void check_service(const std::string& service, const Yaml& action, const ServiceRegistry& services,
                   FaultList& faults) {
  if (service.empty() || services.find(service) != nullptr) return;  // empty: missing, and reported
  std::vector<std::string> names;
  for (const Service& known : services.all()) names.push_back(known.name);
  faults.error(action.find("service")->place(), "the service '" + service + "' is not registered",
               names.empty() ? "add it to services.yaml" : suggestion(service, names));
}

}  // namespace

void check_services(const Draft& draft, const ServiceRegistry& services, FaultList& faults) {
  for (core::StepIndex i = 0; i < draft.steps.size(); ++i) {
    const StepSource& source = draft.steps[i];
    if (const auto* http = draft.kind_of<core::HttpAction>(i))
      check_service(http->service, *source.action, services, faults);
    const auto& undo = draft.definition.steps[i].undo;
    const auto* http = undo ? std::get_if<core::HttpAction>(&undo->action) : nullptr;
    if (http != nullptr && source.undo_action)
      check_service(http->service, *source.undo_action, services, faults);
  }
}

}  // namespace skald::sagas
