// DirectoryWatch: tells that something changed under some directories (inotify). It does not tell what: the
// reader looks for itself, so that no event can be lost or misread.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::api {

class DirectoryWatch {
 public:
  // `changed` is called on the io_context a short while after the last of several changes.
  DirectoryWatch(boost::asio::io_context& io, std::function<void()> changed);

  // May be called again with further directories; those that are watched already stay.
  Result<void> add(const std::vector<std::filesystem::path>& directories);

 private:
  void read();
  void settle();

  boost::asio::posix::stream_descriptor notifications_;
  boost::asio::steady_timer quiet_;
  std::function<void()> changed_;
  std::array<char, 4096> buffer_{};
};

}  // namespace skald::api
