// load_services: from the text of services.yaml to the registry.
#include <algorithm>
#include <charconv>

#include "sagas/expression_use.hpp"
#include "sagas/http_loader.hpp"
#include "sagas/service_url.hpp"
#include "sagas/services.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

constexpr std::size_t kLongestName = 63;
constexpr std::int64_t kMostConnections = 10'000;  // each is a descriptor of the process
constexpr std::int64_t kMostCalls = 1'000'000'000;

bool is_service_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), is_inner);
}

// "500/s", "30/m", "1000/h"
std::optional<RateLimit> parse_rate(std::string_view text) {
  RateLimit rate;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), rate.calls);
  if (read.ec != std::errc{} || rate.calls == 0) return std::nullopt;
  const std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  if (unit == "/s")
    rate.period = std::chrono::seconds(1);
  else if (unit == "/m")
    rate.period = std::chrono::minutes(1);
  else if (unit == "/h")
    rate.period = std::chrono::hours(1);
  else
    return std::nullopt;
  return rate;
}

class ServicesLoader {
 public:
  ServicesLoader(const Environment& environment, FaultList& faults)
      : environment_(environment), faults_(faults) {}

  std::vector<Service> load(const Yaml& document) {
    std::vector<Service> services;
    YamlReader top(document, "the file of services", faults_);
    top.require("services");
    if (const auto map = top.map("services"))
      for (const Yaml::Member& member : map->members()) services.push_back(read_service(member));
    top.finish();
    return services;
  }

 private:
  Service read_service(const Yaml::Member& member) {
    Service service;
    service.name = member.key;
    if (!is_service_name(member.key))
      faults_.error(member.key_place, "'" + member.key + "' cannot be the name of a service",
                    "use a-z, 0-9 and '-', a letter first, at most 63");
    YamlReader reader(member.value, "a service", faults_);
    read_url(member, reader, service);
    service.timeout = reader.duration("timeout");
    if (const auto connections = reader.integer("connections", {1, kMostConnections}))
      service.connections = static_cast<std::size_t>(*connections);
    if (const auto rate = reader.any("rateLimit")) read_rate(*rate, service);
    if (const auto breaker = reader.any("circuitBreaker")) read_breaker(*breaker, service);
    if (const auto headers = reader.map("headers")) read_headers(*headers, service);
    reader.finish();
    return service;
  }

  void read_url(const Yaml::Member& member, YamlReader& reader, Service& service) {
    const auto node = reader.any("url");
    const std::string variable = url_variable(member.key);
    const auto from_environment = environment_ ? environment_(variable) : std::nullopt;
    std::optional<std::string> url = node ? read_text(*node, faults_) : std::nullopt;
    if (from_environment)
      url = *from_environment;
    else
      reader.require("url");
    if (!url) return;
    const auto checked = check_service_url(*url);
    if (checked)
      service.url = *checked;
    else if (from_environment)
      faults_.error(member.key_place, variable + ": " + checked.error().message);
    else
      faults_.error(node->place(), checked.error().message);
  }

  void read_rate(const Yaml& node, Service& service) {
    service.rate_limit = node.is(Yaml::Kind::Text) ? parse_rate(node.text()) : std::nullopt;
    if (!service.rate_limit) return expected("a rate like 500/s, 30/m or 1000/h", node, faults_);
  }

  void read_breaker(const Yaml& node, Service& service) {
    CircuitBreaker breaker;
    YamlReader reader(node, "circuitBreaker", faults_);
    const auto rate = reader.any("failureRate");
    if (rate) breaker.failure_rate = read_number(*rate, {0.01, 1}, faults_).value_or(breaker.failure_rate);
    breaker.window = reader.duration("window").value_or(breaker.window);
    breaker.open_for = reader.duration("openFor").value_or(breaker.open_for);
    read_calls(reader, "minimumCalls", breaker.minimum_calls);
    read_calls(reader, "halfOpenCalls", breaker.half_open_calls);
    reader.finish();
    service.circuit_breaker = breaker;
  }

  static void read_calls(YamlReader& reader, std::string_view key, std::uint32_t& calls) {
    if (const auto count = reader.integer(key, {1, kMostCalls})) calls = static_cast<std::uint32_t>(*count);
  }

  void read_headers(const Yaml& headers, Service& service) {
    check_header_names(headers, faults_);
    std::vector<ExpressionUse> uses;
    ExpressionReader expressions(uses, faults_);
    for (const Yaml::Member& header : headers.members())
      if (auto value = expressions.read_single(header.value, ExpressionSite::ServiceHeader))
        service.headers.emplace_back(header.key, std::move(*value));
    for (const ExpressionUse& use : uses)
      if (use.reference.size() < 2 || use.reference.front() != "secrets")
        faults_.error(use.place, "'" + to_text(use.reference) + "' is not known here",
                      "the headers of a service see .secrets.NAME only");
  }

  const Environment& environment_;
  FaultList& faults_;
};

}  // namespace

LoadedServices load_services(std::string_view text, std::string file, const Environment& environment) {
  FaultList faults(std::move(file));
  LoadedServices loaded;
  if (const auto document = Yaml::parse(text, faults)) {
    std::vector<Service> services = ServicesLoader(environment, faults).load(*document);
    if (!faults.has_errors()) loaded.registry.emplace(std::move(services));
  }
  loaded.faults = faults.take();
  return loaded;
}

}  // namespace skald::sagas
