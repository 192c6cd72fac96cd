#include "sagas/services.hpp"

#include <doctest/doctest.h>

#include <map>

#include "tests/sagas/form_verdict.hpp"

namespace skald::sagas {
namespace {

LoadedServices load(const std::string& text, const std::map<std::string, std::string>& variables = {}) {
  auto loaded =
      load_services(text, "services.yaml", [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
  if (loaded.registry) CHECK_EQ(form_faults("services", text), "");
  return loaded;
}

std::string texts(const std::vector<Fault>& faults) {
  std::string all;
  for (const Fault& fault : faults) all += to_text(fault) + '\n';
  return all;
}

std::string with_url(const std::string& url) {
  return "services:\n  a:\n    url: \"" + url + "\"\n";
}

TEST_CASE("services: what an administrator registers is kept") {
  const auto loaded = load(R"(
services:
  qualification:
    url: http://127.0.0.1:8102/
    timeout: 2s
    connections: 8
    rateLimit: 500/s
    circuitBreaker: { failureRate: 0.25, window: 20s, minimumCalls: 10, openFor: 3s, halfOpenCalls: 2 }
    headers: { Authorization: "Bearer ${ .secrets.QUALIFICATION_TOKEN }" }
  enrollment: { url: "http://enrollment/base/v1" }
)");
  CHECK_EQ(texts(loaded.faults), "");
  REQUIRE(loaded.registry);
  CHECK_EQ(loaded.registry->all().size(), 2);
  CHECK_EQ(loaded.registry->find("application"), nullptr);
  REQUIRE_NE(loaded.registry->find("enrollment"), nullptr);
  CHECK_EQ(loaded.registry->find("enrollment")->url, "http://enrollment/base/v1");
  CHECK_EQ(loaded.registry->find("enrollment")->connections, 64);

  REQUIRE_NE(loaded.registry->find("qualification"), nullptr);
  const Service& service = *loaded.registry->find("qualification");
  CHECK_EQ(service.url, "http://127.0.0.1:8102");
  CHECK_EQ(service.timeout, std::chrono::seconds(2));
  CHECK_EQ(service.connections, 8);
  REQUIRE(service.rate_limit);
  CHECK_EQ(service.rate_limit->calls, 500);
  CHECK_EQ(service.rate_limit->period, std::chrono::seconds(1));
  REQUIRE(service.circuit_breaker);
  CHECK_EQ(service.circuit_breaker->failure_rate, 0.25);
  CHECK_EQ(service.circuit_breaker->window, std::chrono::seconds(20));
  CHECK_EQ(service.circuit_breaker->minimum_calls, 10);
  CHECK_EQ(service.circuit_breaker->open_for, std::chrono::seconds(3));
  CHECK_EQ(service.circuit_breaker->half_open_calls, 2);
  REQUIRE_EQ(service.headers.size(), 1);
  CHECK_EQ(service.headers[0].first, "Authorization");
}

TEST_CASE("services: the environment overrides a url, and its faults name the variable") {
  const std::string text = "services:\n  text-messages: { url: \"http://file:1\" }\n";
  const auto loaded = load(text, {{"SKALD_SERVICE_TEXT_MESSAGES_URL", "http://environment:2"}});
  REQUIRE(loaded.registry);
  CHECK_EQ(loaded.registry->all()[0].url, "http://environment:2");
  const auto without =
      load("services:\n  text-messages: {}\n", {{"SKALD_SERVICE_TEXT_MESSAGES_URL", "http://environment:2"}});
  CHECK(without.registry);
  CHECK(texts(load(text, {{"SKALD_SERVICE_TEXT_MESSAGES_URL", "environment"}}).faults)
            .starts_with("services.yaml:2:3: error: SKALD_SERVICE_TEXT_MESSAGES_URL: 'environment' cannot be "
                         "a service's url"));
}

TEST_CASE("services: urls that lead elsewhere than to a service are refused") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "expected a text"},
      {"https://a", "only http:// is supported by this version"},
      {"ftp://a", "it must begin with http://"},
      {"http://", "the host is missing"},
      {"http://:80", "the host is missing"},
      {"http:///path", "the host is missing"},
      {"http://user:secret@a", "it holds a user name or password"},
      {"http://a@b/c", "it holds a user name or password"},
      {"http://a/b?c", "it has a query or a fragment"},
      {"http://a#b", "it has a query or a fragment"},
      {"http://a b", "it holds a blank"},
      {"http://a\\\\b", "it holds a blank"},
      {"http://한글", "it holds a blank or a character outside of ASCII"},
      {"http://a:0", "'0' is no port"},
      {"http://a:65536", "'65536' is no port"},
      {"http://a:8x", "'8x' is no port"},
      {"http://a:", "'' is no port"},
      {"http://a,b", "is no host name"},
      {"http://a..b", "is no host name"},
      {"http://a/../b", "the base path has an empty segment"},
      {"http://a//b", "the base path has an empty segment"},
      {"http://[::1", "']' is missing"},
      {"http://[::g]", "is no IPv6 address"},
      {"http://[::1]x", "only a port may follow"},
      {"http://169.254.169.254", "link-local or metadata"},
      {"http://169.254.0.1:80/x", "link-local or metadata"},
      {"http://100.100.100.200", "link-local or metadata"},
      {"http://[fe80::1]", "link-local or metadata"},
      {"http://[::ffff:169.254.169.254]", "link-local or metadata"},
      {"http://[fd00:ec2::254]", "link-local or metadata"},
      {"http://2852039166", "is no IPv4 address of four decimal numbers"},
      {"http://0xa9fea9fe", "is no IPv4 address of four decimal numbers"},
      {"http://0251.0376.0251.0376", "is no IPv4 address of four decimal numbers"},
      {"http://169.254.43518", "is no IPv4 address of four decimal numbers"},
      {"http://Metadata.google.internal.", "a cloud's metadata service"},
  };
  for (const auto& [url, message] : rows) {
    CAPTURE(url);
    const auto loaded = load(with_url(url));
    CAPTURE(texts(loaded.faults));
    CHECK_FALSE(loaded.registry);
    CHECK(texts(loaded.faults).starts_with("services.yaml:3:10: error: "));
    CHECK_NE(texts(loaded.faults).find(message), std::string::npos);
  }
  for (const char* url : {"http://a", "http://a.b-c.svc:80/base", "http://127.0.0.1:8102", "http://[::1]:80",
                          "http://1and1.com"}) {
    CAPTURE(url);
    CHECK(load(with_url(url)).registry);
  }
}

TEST_CASE("services: every fault of the file has its place") {
  const auto loaded = load(R"(services:
  Big Name: { url: "http://a" }
  a: { urll: "http://a" }
  b: { url: "http://a", connections: 0, timeout: 5, rateLimit: 5 }
  c: { url: "http://a", circuitBreaker: { failureRate: 2, windows: 1s } }
  d: { url: "http://a", headers: { Host: x, B: "${ .input.x }", C: "${ .secrets.X" } }
  e: 5
servics: {}
)");
  CHECK_FALSE(loaded.registry);
  const std::string all = texts(loaded.faults);
  CAPTURE(all);
  for (const char* fault :
       {"2:3: error: 'Big Name' cannot be the name of a service", "3:6: error: a service needs 'url'",
        "3:8: error: unknown key 'urll' in a service; did you mean \"url\"?",
        "4:38: error: expected a whole number from 1 to 10000, found the number 0",
        "4:50: error: expected a duration like 5s", "4:64: error: expected a rate like 500/s",
        "5:56: error: expected a number from 0.01 to 1",
        "5:59: error: unknown key 'windows' in circuitBreaker; did you mean \"window\"?",
        "6:36: error: the header 'Host' is set by Skald itself",
        "6:52: error: '.input.x' is not known here; the headers of a service see .secrets.NAME only",
        "6:71: error: the expression does not end",
        "7:6: error: expected a service (a map), found the number 5", "8:1: error: unknown key 'servics'"}) {
    CAPTURE(fault);
    CHECK_NE(all.find(std::string("services.yaml:") + fault), std::string::npos);
  }
}

}  // namespace
}  // namespace skald::sagas
