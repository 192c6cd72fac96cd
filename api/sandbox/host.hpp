// SandboxHost: stand-in services on ports of their own, all on one io_context and used from its thread only.
// `skald sandbox` and `skald dev --sandbox` run it; each service keeps its data in its own file or schema.
#pragma once

#include <boost/asio/io_context.hpp>
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

  SandboxHost(boost::asio::io_context& io, SandboxOptions options);
  ~SandboxHost();  // stops
  SandboxHost(const SandboxHost&) = delete;
  SandboxHost& operator=(const SandboxHost&) = delete;

  // Loads the declaration, opens the storage and listens. The Error holds every fault of the file, one per
  // line, or says which port or storage cannot be had.
  Result<Running> add(const std::filesystem::path& file);

  const std::vector<Running>& running() const { return running_; }
  // Closes every port at once. What had an effect is durable already.
  void stop();

 private:
  boost::asio::io_context& io_;
  SandboxOptions options_;
  std::vector<std::shared_ptr<HostedService>> hosted_;  // shared with answers that are being delayed
  std::vector<Running> running_;
};

}  // namespace skald::api
