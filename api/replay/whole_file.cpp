#include "api/replay/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace skald::api {
namespace {

Error cannot_go_on() {
  return unexpected(std::string("the log cannot be written on: ") + std::strerror(errno));
}

// The new name is in the directory, and that is on the disk.
bool keep_directory_of(const std::string& name) {
  const auto parent = std::filesystem::path(name).parent_path();
  const int directory = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY);
  if (directory < 0) return false;
  const bool kept = fsync(directory) == 0;
  ::close(directory);
  return kept;
}

}  // namespace

WholeFile::~WholeFile() {
  if (!kept_ && out_ && !is_output()) std::remove(part().c_str());
}

Result<void> WholeFile::open() {
  out_.reset(is_output() ? fdopen(dup(STDOUT_FILENO), "wb") : std::fopen(part().c_str(), "wb"));
  if (out_) return {};
  return conflict("cannot write " + (is_output() ? "standard output" : part()) + ": " + std::strerror(errno));
}

Result<void> WholeFile::write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), out_.get()) == text.size()) return {};
  return cannot_go_on();
}

Result<void> WholeFile::keep() {
  if (std::fflush(out_.get()) != 0) return cannot_go_on();
  if (is_output()) {
    kept_ = true;
    return {};
  }
  if (fsync(fileno(out_.get())) != 0) return cannot_go_on();
  if (std::rename(part().c_str(), name_.c_str()) != 0 || !keep_directory_of(name_))
    return unexpected("cannot name " + name_ + ": " + std::strerror(errno));
  kept_ = true;
  return {};
}

void WholeFile::remove() {
  if (!is_output()) std::remove((kept_ ? name_ : part()).c_str());
}

}  // namespace skald::api
