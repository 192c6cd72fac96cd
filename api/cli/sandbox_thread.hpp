// Stand-in services beside a node in one process (`skald dev --sandbox`), on a thread of their own.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "api/sandbox/host.hpp"

namespace skald::api {

class SandboxThread {
 public:
  explicit SandboxThread(SandboxOptions options);
  ~SandboxThread();  // stops them
  SandboxThread(const SandboxThread&) = delete;
  SandboxThread& operator=(const SandboxThread&) = delete;

  // All of them, or the first failure.
  Result<std::vector<SandboxHost::Running>> run(const std::vector<std::filesystem::path>& files);

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  SandboxHost host_;
  std::thread thread_;
};

}  // namespace skald::api
