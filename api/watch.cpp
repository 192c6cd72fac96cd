#include "api/watch.hpp"

#include <sys/inotify.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace skald::api {
namespace {

// An editor saves in several steps (write beside, rename, set rights); a checkout touches many files.
constexpr auto kQuiet = std::chrono::milliseconds(100);
constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE;

}  // namespace

DirectoryWatch::DirectoryWatch(boost::asio::io_context& io, std::function<void()> changed)
    : notifications_(io), quiet_(io), changed_(std::move(changed)) {
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return;  // add() says so
  notifications_.assign(descriptor);
  read();
}

Result<void> DirectoryWatch::add(const std::vector<std::filesystem::path>& directories) {
  if (!notifications_.is_open()) return unexpected("changes of files cannot be watched: no inotify");
  for (const auto& directory : directories)
    if (inotify_add_watch(notifications_.native_handle(), directory.c_str(), kChanges) < 0)
      return unexpected("changes in " + directory.string() + " cannot be watched: " + std::strerror(errno));
  return {};
}

void DirectoryWatch::read() {
  notifications_.async_read_some(boost::asio::buffer(buffer_),
                                 [this](const boost::system::error_code& failure, std::size_t) {
                                   if (failure) return;
                                   settle();
                                   read();
                                 });
}

void DirectoryWatch::settle() {
  quiet_.expires_after(kQuiet);
  quiet_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) changed_();
  });
}

}  // namespace skald::api
