// ApiClient: asks a Skald server, waiting for each answer. The commands start, list, show, events and cancel
// stand on it; it knows nothing that any other client of the HTTP API could not know.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/exit_code.hpp"
#include "engine/base/error.hpp"
#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "engine/core/expression/path_text.hpp"

namespace skald::api {

struct ApiReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  Json body;  // null where there is none
  bool good() const { return status < 400; }
};

class ApiClient {
 public:
  // "http://127.0.0.1:8088"
  static Result<ApiClient> of(const std::string& server);
  ApiClient(ApiClient&&) noexcept;
  ApiClient& operator=(ApiClient&&) noexcept;
  ~ApiClient();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // A failure is ErrorKind::Unavailable: the server cannot be reached, or gave no answer of its own.
  Result<ApiReply> get(const std::string& target, const Headers& headers = {}, Duration server_waits = {});
  Result<ApiReply> post(const std::string& target, const Json& body, const Headers& headers = {},
                        Duration server_waits = {});

  const std::string& server() const;

 private:
  struct Inside;
  explicit ApiClient(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// --server, over SKALD_SERVER, over http://127.0.0.1:8088.
void add_server_option(CLI::App& command, std::string& server);

using core::percent_encoded;  // one value inside a path or a query

// Says on standard error what a refused request was refused for, and gives the exit code of its status.
ExitCode complain_about(const ApiReply& reply);

}  // namespace skald::api
