#include "api/cli/sandbox_thread.hpp"

#include <boost/asio/post.hpp>

namespace skald::api {

SandboxThread::SandboxThread(SandboxOptions options)
    : work_(boost::asio::make_work_guard(io_)), host_(io_, std::move(options)) {}

SandboxThread::~SandboxThread() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] {
    host_.stop();
    io_.stop();
  });
  thread_.join();
}

Result<std::vector<SandboxHost::Running>> SandboxThread::run(
    const std::vector<std::filesystem::path>& files) {
  for (const auto& file : files)
    if (const auto running = host_.add(file); !running) return running.error();
  auto all = host_.running();
  thread_ = std::thread([this] { io_.run(); });
  return all;
}

}  // namespace skald::api
