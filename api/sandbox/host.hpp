// SandboxHost: stand-in services, each on a port and a thread of its own. `skald sandbox` and
// `skald dev --sandbox` run it; each service keeps its data in its own file or schema.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::api {

class HostedService;

struct SandboxOptions {
  std::filesystem::path data;               // folder of the SQLite files; made where it is missing
  std::optional<std::string> database_url;  // for services that keep their data in PostgreSQL
  std::string address = "127.0.0.1";
  // Looks up the environment: SKALD_SANDBOX_<NAME>_PORT is the port instead of the declared one, 0 any free
  // one.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

class SandboxHost {
 public:
  struct Running {
    std::string name;
    std::string title;
    std::uint16_t port = 0;
  };

  explicit SandboxHost(SandboxOptions options);
  ~SandboxHost();  // stops
  SandboxHost(const SandboxHost&) = delete;
  SandboxHost& operator=(const SandboxHost&) = delete;

  // Loads the declaration, opens the storage, listens and answers. The Error holds every fault of the file,
  // one per line, or says which port or storage cannot be had.
  Result<Running> add(const std::filesystem::path& file);

  // Closes every port at once. What had an effect is durable already.
  void stop();

 private:
  SandboxOptions options_;
  std::vector<std::unique_ptr<HostedService>> hosted_;
};

}  // namespace skald::api
