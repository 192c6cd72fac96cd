#include "sagas/sandbox/faults.hpp"

namespace skald::sandbox {
namespace {

constexpr std::string_view kMembers = "match, latency, status, rate, drop, afterEffect, times";
constexpr std::size_t kMaxFaults = 100;  // looked through at every request

Error misfit(const std::string& member, std::string_view expected, const Json& value) {
  return invalid("'" + member + "' is " + value.dump() + "; expected " + std::string(expected));
}

Result<void> read_member(Fault& fault, const std::string& member, const Json& value) {
  if (member == "match") {
    if (!value.is_string()) return misfit(member, "a part of 'METHOD /path operation'", value);
    fault.match = value.as_string();
  } else if (member == "latency") {
    const auto latency =
        value.is_string() ? parse_duration(value.as_string()) : Result<Duration>(invalid(""));
    if (!latency) return misfit(member, "a duration like 250ms", value);
    fault.latency = *latency;
  } else if (member == "status") {
    const auto status = value.as_integer();
    if (!status || *status < 200 || *status > 599)
      return misfit(member, "a status between 200 and 599", value);
    fault.status = static_cast<int>(*status);
  } else if (member == "rate") {
    if (!value.is_number() || value.as_number() < 0 || value.as_number() > 1)
      return misfit(member, "a number between 0 and 1", value);
    fault.rate = value.as_number();
  } else if (member == "drop") {
    if (!value.is_boolean()) return misfit(member, "true or false", value);
    fault.drop = value.as_boolean();
  } else if (member == "afterEffect") {
    if (!value.is_boolean()) return misfit(member, "true or false", value);
    fault.after_effect = value.as_boolean();
  } else if (member == "times") {
    const auto times = value.as_integer();
    if (!times || *times < 1) return misfit(member, "a number of requests", value);
    fault.times = *times;
  } else {
    return invalid("a fault has no '" + member + "'; it has " + std::string(kMembers));
  }
  return {};
}

Result<Fault> read_fault(const Json& json) {
  if (!json.is_object()) return invalid("a fault is an object with " + std::string(kMembers));
  Fault fault;
  for (const auto& [member, value] : json.as_object())
    if (auto read = read_member(fault, member, value); !read) return read.error();
  if (!fault.latency && !fault.status && !fault.drop)
    return invalid("a fault needs latency, status or drop: else nothing goes wrong");
  if (fault.status && fault.drop) return invalid("a fault has status or drop, not both");
  return fault;
}

bool spent(const Fault& fault) {
  return fault.times && fault.hits >= *fault.times;
}

}  // namespace

std::string Fault::describe() const {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (latency) add("latency " + skald::to_text(*latency));
  if (status) add("status " + std::to_string(*status));
  if (drop) add("drop");
  if (after_effect) add("after the effect");
  return text;
}

Result<void> Faults::replace(const Json& faults) {
  const Json::Array list = faults.is_array() ? faults.as_array() : Json::Array{faults};
  if (list.size() > kMaxFaults) return invalid("more than " + std::to_string(kMaxFaults) + " faults");
  std::vector<Fault> read;
  for (const Json& item : list) {
    auto fault = read_fault(item);
    if (!fault) return fault.error();
    read.push_back(std::move(*fault));
  }
  faults_ = std::move(read);
  random_ = Random(kSeed);
  return {};
}

Json Faults::to_json() const {
  Json::Array list;
  for (const Fault& fault : faults_) {
    Json::Object object;
    if (!fault.match.empty()) object.append("match", fault.match);
    if (fault.latency) object.append("latency", skald::to_text(*fault.latency));
    if (fault.status) object.append("status", *fault.status);
    object.append("rate", fault.rate);
    object.append("drop", fault.drop);
    object.append("afterEffect", fault.after_effect);
    if (fault.times) object.append("times", *fault.times);
    object.append("hits", fault.hits);
    list.emplace_back(std::move(object));
  }
  return list;
}

std::optional<Fault> Faults::strike(const Request& request, const Call& call) {
  const std::string line = request.method + ' ' + request.path + ' ' + std::string(to_text(call.operation));
  for (Fault& fault : faults_) {
    if (spent(fault) || line.find(fault.match) == std::string::npos) continue;
    constexpr std::uint64_t kParts = 1'000'000;
    if (static_cast<double>(random_.below(kParts)) >= fault.rate * kParts) continue;
    ++fault.hits;
    return fault;
  }
  return std::nullopt;
}

}  // namespace skald::sandbox
