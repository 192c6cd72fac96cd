// WholeFile: a file that has its name only when it is whole. The text goes to NAME.part, which takes the name
// once everything is on the disk; "-" is standard output.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "engine/base/error.hpp"

namespace skald::api {

class WholeFile {
 public:
  explicit WholeFile(std::string name) : name_(std::move(name)), out_(nullptr, &std::fclose) {}
  ~WholeFile();  // what was not kept is removed
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  Result<void> open();
  Result<void> write(const std::string& text);
  // On the disk, with its name: a crash of the machine does not take it back.
  Result<void> keep();
  void remove();  // also what was kept

 private:
  std::string part() const { return name_ + ".part"; }
  bool is_output() const { return name_ == "-"; }
  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out_;
  bool kept_ = false;
};

}  // namespace skald::api
