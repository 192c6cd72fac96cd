// The directory that `skald dev` keeps below its DIR: .skald, with the database and the data of stand-in
// services. One process at a time has it.
#pragma once

#include <filesystem>

#include "engine/base/error.hpp"

namespace skald::api {

class DevDirectory {
 public:
  // Conflict, naming the process, where another `skald dev` has it. `ephemeral`: a directory elsewhere that
  // is gone afterwards; DIR is locked all the same.
  static Result<DevDirectory> open(const std::filesystem::path& directory, bool ephemeral);
  DevDirectory(DevDirectory&& other) noexcept;
  DevDirectory& operator=(DevDirectory&&) = delete;
  ~DevDirectory();

  std::filesystem::path database() const { return data_ / "pg"; }
  std::filesystem::path sandbox() const { return data_ / "sandbox"; }

 private:
  DevDirectory(int lock, std::filesystem::path data, bool ephemeral)
      : lock_(lock), data_(std::move(data)), ephemeral_(ephemeral) {}
  int lock_ = -1;  // an open file; the lock goes with the process, however it ends
  std::filesystem::path data_;
  bool ephemeral_ = false;
};

}  // namespace skald::api
