#include "api/config.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace skald;
using namespace skald::api;

namespace {

ConfigSources sources_with(std::map<std::string, std::string> environment) {
  ConfigSources sources;
  for (const auto& [name, value] : environment) sources.variables.push_back(name);
  sources.environment = [environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  return sources;
}

std::string all(const std::vector<std::string>& faults) {
  std::string text;
  for (const auto& fault : faults) text += fault + "\n";
  return text;
}

// The file's keys as read from that text.
GivenValues file_of(const std::string& text, std::vector<std::string>& faults) {
  const auto path =
      std::filesystem::temp_directory_path() / ("skald-config-test-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(path) << text;
  auto values = read_config_file(path.string(), faults);
  std::filesystem::remove(path);
  return values;
}

}  // namespace

TEST_CASE("config: without any source every key has its default") {
  const auto loaded = load_config({});
  CHECK(all(loaded.faults) == "");
  CHECK(loaded.config.listen == "127.0.0.1");
  CHECK(loaded.config.port == 8088);
  CHECK(loaded.config.lanes >= 1);
  CHECK(loaded.config.limits.body_bytes == 1u << 20);
  CHECK(loaded.config.node.ends_with(":8088"));
  CHECK(loaded.values.size() == config_keys().size());
  for (const auto& [name, value] : loaded.values) CHECK(value.source == "default");
}

TEST_CASE("config: a flag is over the environment, which is over the file, which is over the default") {
  auto sources = sources_with({{"SKALD_PORT", "2"}, {"SKALD_DRAIN", "2s"}});
  sources.file = {{"port", {"1", "skald.yaml:1"}},
                  {"drain", {"1s", "skald.yaml:2"}},
                  {"idle-timeout", {"1s", "skald.yaml:3"}}};
  sources.flags = {{"port", {"3", "flag --port"}}};
  const auto loaded = load_config(sources);
  CHECK(all(loaded.faults) == "");
  CHECK(loaded.config.port == 3);
  CHECK(loaded.config.drain == Duration(2'000'000));
  CHECK(loaded.config.limits.idle_time == Duration(1'000'000));
  CHECK(loaded.values.find("port")->second.source == "flag --port");
  CHECK(loaded.values.find("drain")->second.source == "environment SKALD_DRAIN");
  CHECK(loaded.values.find("idle-timeout")->second.source == "skald.yaml:3");
}

TEST_CASE("config: a value that does not fit is a fault that names its source") {
  const auto loaded = load_config(sources_with({{"SKALD_PORT", "70000"}}));
  CHECK(all(loaded.faults) ==
        "environment SKALD_PORT: port: expected an integer from 0 to 65535, got \"70000\"\n");
}

TEST_CASE("config: a variable that is nearly a setting is a fault, another one is somebody else's") {
  CHECK(all(load_config(sources_with({{"SKALD_DATABASE_URI", "x"}})).faults).find("DATABASE_URL") !=
        std::string::npos);
  CHECK(all(load_config(sources_with({{"SKALD_BIN", "x"},
                                      {"SKALD_SERVICE_ENROLLMENT_URL", "http://e"},
                                      {"SKALD_SECRET_TOKEN", "x"},
                                      {"SKALD_SERVER", "http://s"},
                                      {"SKALD_PORT_8088_TCP_ADDR", "10.0.0.7"}}))
                .faults) == "");
}

TEST_CASE("config: the addresses that Kubernetes gives of a service named skald are no configuration") {
  const auto loaded = load_config(sources_with({{"SKALD_PORT", "tcp://10.0.0.7:8088"}}));
  CHECK(all(loaded.faults) == "");
  CHECK(loaded.config.port == 8088);
}

TEST_CASE("config: an address that others can reach is refused, unless it is said to be insecure") {
  ConfigSources sources;
  sources.flags = {{"listen", {"0.0.0.0", "flag --listen"}}};
  CHECK(all(load_config(sources).faults).find("--insecure") != std::string::npos);
  sources.flags["insecure"] = {"true", "flag --insecure"};
  CHECK(all(load_config(sources).faults) == "");
  for (const char* loopback : {"127.0.0.1", "127.0.0.2", "::1"}) {
    sources.flags = {{"listen", {loopback, "flag --listen"}}};
    CHECK(all(load_config(sources).faults) == "");
  }
}

TEST_CASE("config: keys of the file are in camel case, and unknown ones are faults with a suggestion") {
  std::vector<std::string> faults;
  const auto values = file_of("databaseUrl: postgresql://db/skald\nmaxBody: 2MiB\nport: 8090\n", faults);
  CHECK(all(faults) == "");
  CHECK(values.find("database-url")->second.text == "postgresql://db/skald");
  CHECK(values.find("port")->second.text == "8090");
  CHECK(values.find("port")->second.source.ends_with(".yaml:3"));

  file_of("prot: 8090\n", faults);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find(":1:1: error: unknown key 'prot'") != std::string::npos);
  CHECK(faults[0].find("port") != std::string::npos);
}

TEST_CASE("config: a file that is no map of values is a fault, not a crash") {
  for (const char* text : {"- a\n", "port: [1]\n", "port: {a: 1}\n", "port\n", "{", "port: 1\nport: 2\n"}) {
    std::vector<std::string> faults;
    file_of(text, faults);
    CHECK_MESSAGE(!faults.empty(), text);
  }
  std::vector<std::string> faults;
  read_config_file("/no/such/file", faults);
  CHECK(faults.size() == 1);
}

TEST_CASE("config: passwords are masked, wherever a connection string holds them") {
  CHECK(without_password("postgresql://ann:s3cret@db:5432/skald") == "postgresql://ann:***@db:5432/skald");
  CHECK(without_password("postgresql://ann@db/skald") == "postgresql://ann@db/skald");
  CHECK(without_password("postgresql://db:5432/skald?password=s3cret&sslmode=require") ==
        "postgresql://db:5432/skald?password=***&sslmode=require");
  CHECK(without_password("postgresql://ann:p@ss:w/rd@db/skald").find("p@ss") == std::string::npos);
  CHECK(without_password("host=db password=s3cret user=ann") == "host=db password=*** user=ann");
  CHECK(without_password("host=db password = 'it\\'s s3cret' user=ann") == "host=db password = *** user=ann");
  CHECK(without_password("host=db PASSWORD=s3cret") == "host=db PASSWORD=***");
  CHECK(without_password("host=/tmp/x dbname=skald") == "host=/tmp/x dbname=skald");
}

TEST_CASE("config: the dump shows every key with its source, without passwords, and can be read again") {
  auto sources = sources_with({{"SKALD_DATABASE_URL", "postgresql://ann:s3cret@db/skald"}});
  const auto loaded = load_config(sources);
  const auto dump = dump_config(loaded);
  CHECK(dump.find("s3cret") == std::string::npos);
  CHECK(dump.find("databaseUrl: \"postgresql://ann:***@db/skald\"  # environment SKALD_DATABASE_URL\n") !=
        std::string::npos);
  CHECK(dump.find("port: 8088  # default\n") != std::string::npos);
  std::vector<std::string> faults;
  CHECK(file_of(dump, faults).size() == config_keys().size());
  CHECK(all(faults) == "");
}
