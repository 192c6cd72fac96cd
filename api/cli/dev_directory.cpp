#include "api/cli/dev_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace skald::api {
namespace {

namespace fs = std::filesystem;

std::string holder(int lock) {
  std::array<char, 32> text{};
  const auto size = pread(lock, text.data(), text.size() - 1, 0);
  return size > 0 ? " (process " + std::string(text.data(), static_cast<std::size_t>(size)) + ")" : "";
}

Result<int> lock(const fs::path& directory, const fs::path& shown) {
  const auto path = directory / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return unexpected(path.string() + " cannot be written: " + std::strerror(errno));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const auto who = holder(file);
    ::close(file);
    return conflict("another skald dev" + who + " runs on " + shown.string() +
                    "; end it, or use another directory");
  }
  const auto pid = std::to_string(getpid());
  if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) < 0)
    return unexpected(path.string() + " cannot be written: " + std::strerror(errno));
  return file;
}

Result<fs::path> temporary_directory() {
  std::error_code failure;
  std::string name = (fs::temp_directory_path(failure) / "skald-dev-XXXXXX").string();
  if (failure || !mkdtemp(name.data())) return unexpected("no temporary directory can be made: " + name);
  // The database server is another user where we are root: it may pass through, not look around.
  fs::permissions(name, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec, failure);
  return fs::path(name);
}

}  // namespace

Result<DevDirectory> DevDirectory::open(const fs::path& directory, bool ephemeral) {
  std::error_code failure;
  const auto kept = (fs::absolute(directory) / ".skald").lexically_normal();
  if (!fs::is_directory(directory, failure)) return invalid(directory.string() + " is no directory");
  fs::create_directories(kept, failure);
  if (failure) return unexpected(kept.string() + " cannot be made: " + failure.message());
  const auto locked = lock(kept, directory);
  if (!locked) return locked.error();
  DevDirectory own(*locked, kept, false);
  if (!ephemeral) return own;
  auto elsewhere = temporary_directory();
  if (!elsewhere) return elsewhere.error();
  own.data_ = std::move(*elsewhere);
  own.ephemeral_ = true;
  return own;
}

DevDirectory::DevDirectory(DevDirectory&& other) noexcept
    : lock_(std::exchange(other.lock_, -1)),
      data_(std::move(other.data_)),
      ephemeral_(std::exchange(other.ephemeral_, false)) {}

DevDirectory::~DevDirectory() {
  std::error_code failure;
  if (ephemeral_) fs::remove_all(data_, failure);
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace skald::api
