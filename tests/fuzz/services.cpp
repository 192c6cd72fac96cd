// The loader of services.yaml. A text is a registry or has an error with a place; what was read is written as
// JSON and read again as the same; and every address it takes, the HTTP client takes.
#include "sagas/services.hpp"
#include "engine/runtime/http_base_url.hpp"
#include "sagas/yaml.hpp"
#include "tests/fuzz/faults.hpp"

namespace {

using namespace skald;
using namespace skald::sagas;

LoadedServices load(std::string_view text) {
  return load_services(text, "f", [](const std::string&) { return std::nullopt; });
}

void check_service(const Service& service) {
  CHECK_THAT(!service.name.empty() && service.name.size() <= 63, "a name has a bounded length");
  CHECK_THAT(!service.url.ends_with('/'), "a base has no slash at its end");
  const auto url = runtime::BaseUrl::parse(service.url);
  CHECK_THAT(url.has_value() && url->port != 0, "the client takes what the registry takes");
  CHECK_THAT(service.connections >= 1, "a service can be called");
  CHECK_THAT(!service.timeout || service.timeout->count() > 0, "a time-out lasts");
  CHECK_THAT(!service.rate_limit || (service.rate_limit->calls > 0 && service.rate_limit->period.count() > 0),
             "a rate is not nothing");
  if (!service.circuit_breaker) return;
  const double rate = service.circuit_breaker->failure_rate;
  CHECK_THAT(rate >= 0 && rate <= 1, "a rate of failures is a share");
}

void check_the_same(const Service& a, const Service& b) {
  CHECK_THAT(a.name == b.name && a.url == b.url && a.timeout == b.timeout && a.connections == b.connections,
             "a service is read again as it was");
  CHECK_THAT(a.rate_limit.has_value() == b.rate_limit.has_value(), "with its rate");
  CHECK_THAT(a.circuit_breaker.has_value() == b.circuit_breaker.has_value(), "with its circuit breaker");
  CHECK_THAT(a.headers.size() == b.headers.size(), "with its headers");
  for (std::size_t i = 0; i < a.headers.size(); ++i)
    CHECK_THAT(a.headers[i].first == b.headers[i].first &&
                   a.headers[i].second.source() == b.headers[i].second.source(),
               "and each of these");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  const auto loaded = load(text);
  const bool has_error = fuzz::check_faults(text, loaded.faults);
  CHECK_THAT(has_error != loaded.registry.has_value(), "a registry, or an error");
  if (!loaded.registry) return 0;
  FaultList none("f");
  const auto again = load(Yaml::parse(text, none)->to_json().dump());
  CHECK_THAT(again.registry && again.registry->all().size() == loaded.registry->all().size(),
             "what was read can be written and read again");
  for (std::size_t i = 0; i < again.registry->all().size(); ++i) {
    check_service(loaded.registry->all()[i]);
    check_the_same(loaded.registry->all()[i], again.registry->all()[i]);
    CHECK_THAT(loaded.registry->find(loaded.registry->all()[i].name), "a service is found by its name");
  }
  return 0;
}
