#include "api/http/cloud_event.hpp"

#include <array>

#include "api/http/target.hpp"
#include "engine/base/time.hpp"

namespace skald::api {
namespace {

constexpr std::size_t kLongestAttribute =
    1'000;  // each is kept in an event, id and source in a start key too
constexpr std::size_t kLongestBatch = 1'000;
constexpr std::array<const char*, 6> kInHeaders{"id", "source", "type", "specversion", "subject", "time"};

class Reader {
 public:
  Reader(CloudEvents& found, const StartsSagas& starts_sagas) : found_(found), starts_sagas_(starts_sagas) {}

  void read(const Json& json, const std::string& pointer) {
    if (!json.is_object()) return fault(pointer, "expected a CloudEvent, which is an object");
    CloudEvent event;
    event.id = required(json, "id", pointer);
    event.source = required(json, "source", pointer);
    event.type = required(json, "type", pointer);
    if (json.get("specversion") != Json("1.0")) fault(pointer + "/specversion", "expected \"1.0\"");
    event.subject = subject(json, event.type, pointer);
    if (!json.get("time").is_null()) check_time(json.get("time"), pointer + "/time");
    if (json.find("data_base64"))
      fault(pointer + "/data_base64", "binary data is not taken: give JSON as data");
    event.data = json.get("data");
    found_.events.push_back(std::move(event));
  }

  void fault(std::string pointer, std::string detail) {
    found_.faults.push_back({std::move(pointer), std::move(detail)});
  }

 private:
  std::string required(const Json& event, const char* name, const std::string& pointer) {
    const Json given = event.get(name);
    if (given.is_string() && !given.as_string().empty())
      return bounded(given.as_string(), pointer + "/" + name);
    fault(pointer + "/" + name, "expected a text that is not empty");
    return "";
  }
  std::string subject(const Json& event, const std::string& type, const std::string& pointer) {
    const Json given = event.get("subject");
    if (given.is_string() && !given.as_string().empty())
      return bounded(given.as_string(), pointer + "/subject");
    if (!given.is_null())
      fault(pointer + "/subject",
            "expected a text that is not empty: the business key of the sagas it is for");
    else if (!starts_sagas_(type))
      fault(pointer + "/subject",
            "expected the business key of the sagas it is for: no definition starts on events of this type");
    return "";
  }
  std::string bounded(const std::string& text, const std::string& pointer) {
    if (text.size() > kLongestAttribute)
      fault(pointer, "longer than " + std::to_string(kLongestAttribute) + " bytes");
    return text;
  }
  void check_time(const Json& time, const std::string& pointer) {
    if (!time.is_string() || !parse_rfc3339(time.as_string())) fault(pointer, "expected a time of RFC 3339");
  }

  CloudEvents& found_;
  const StartsSagas& starts_sagas_;
};

}  // namespace

CloudEvents read_cloud_event(const Json& event, const StartsSagas& starts_sagas) {
  CloudEvents found;
  Reader(found, starts_sagas).read(event, "");
  return found;
}

CloudEvents read_cloud_event_batch(const Json& batch, const StartsSagas& starts_sagas) {
  CloudEvents found;
  Reader reader(found, starts_sagas);
  if (!batch.is_array())
    reader.fault("", "expected a list of CloudEvents");
  else if (batch.as_array().size() > kLongestBatch)
    reader.fault("", "more than " + std::to_string(kLongestBatch) + " events in one batch");
  else
    for (std::size_t i = 0; i < batch.as_array().size(); ++i)
      reader.read(batch.as_array()[i], "/" + std::to_string(i));
  return found;
}

bool has_event_in_headers(const Request& request) {
  return request.header("ce-specversion") != nullptr;
}

Json event_from_headers(const Request& request, const Json& data) {
  Json::Object event;
  for (const char* name : kInHeaders) {
    const std::string* given = request.header(std::string("ce-") + name);
    if (!given) continue;
    // What is no ASCII comes percent-encoded (CloudEvents, HTTP binding, section 3.1.3.2).
    const auto decoded = percent_decoded(*given);
    if (decoded)
      event.append(name, *decoded);
    else
      event.append(name, false);
  }
  event.append("data", data);
  return event;
}

}  // namespace skald::api
