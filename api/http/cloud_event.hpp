// CloudEvents 1.0 in JSON, one or a batch, or with their attributes in headers: what of them concerns Skald,
// and every fault with its JSON pointer. Attributes of the standard that say nothing here, and extensions,
// are let be.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"
#include "engine/base/json.hpp"

namespace skald::api {

struct CloudEvent {
  std::string id, source, type;
  std::string subject;  // the business key; empty: it only starts sagas
  Json data;
};

struct CloudEventFault {
  std::string pointer;  // into the body; of an attribute in a header its name
  std::string detail;
};

struct CloudEvents {
  std::vector<CloudEvent> events;
  std::vector<CloudEventFault> faults;  // none: all events are good
};

// Whether some definition starts on events of that type: then they may come without a subject.
using StartsSagas = std::function<bool(const std::string& type)>;

CloudEvents read_cloud_event(const Json& event, const StartsSagas& starts_sagas);
CloudEvents read_cloud_event_batch(const Json& batch, const StartsSagas& starts_sagas);

// Binary mode: the attributes of `request` in its headers ce-id, ce-source …, and this as its data, as one
// event in the form that read_cloud_event takes.
Json event_from_headers(const Request& request, const Json& data);
bool has_event_in_headers(const Request& request);

}  // namespace skald::api
