// Soundness: what a definition must be beyond being well written, so that its sagas can always be undone or
// always be finished (language.md, "Soundness"). Each family of checks is one file of this folder. They read
// the draft and report; they change nothing, and they bear drafts whose parts could not be read.
#pragma once

#include "sagas/draft.hpp"

namespace skald::sagas {

class ServiceRegistry;

// All of them. Resolves `answerAfter`, which is a reference, into the definition.
void check_soundness(Draft& draft, const ServiceRegistry* services, FaultList& faults);

void check_compensations(const Draft& draft, FaultList& faults);
void check_pivot(const Draft& draft, FaultList& faults);
void check_references(const Draft& draft, FaultList& faults);
void check_undo_data(const Draft& draft, FaultList& faults);
void check_item_names(const Draft& draft, FaultList& faults);
void check_events_act(const Draft& draft, FaultList& faults);
void check_unreachable(const Draft& draft, FaultList& faults);
void check_input_fields(const Draft& draft, FaultList& faults);
void check_conditions(const Draft& draft, FaultList& faults);
void check_services(const Draft& draft, const ServiceRegistry& services, FaultList& faults);
void check_answer_after(Draft& draft, const ServiceRegistry* services, FaultList& faults);

// Where those of definition.start_on (`startOn`) and definition.cancel_on (`cancelOn`) stand.
std::vector<Yaml> event_nodes(const Draft& draft, std::string_view key);

}  // namespace skald::sagas
