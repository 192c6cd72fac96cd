// Fault: what is wrong in a file that a person wrote, where, and what to do about it. FaultList gathers all
// faults of one file, so that one run of `skald validate` shows them all. Every reader of files here reports
// through it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace skald::sagas {

// Both count from 1; columns count characters, not bytes.
struct Place {
  int line = 1;
  int column = 1;
  auto operator<=>(const Place&) const = default;
};

struct Fault {
  std::string file;
  int line = 1;
  int column = 1;
  std::string message;
  std::string remedy;  // may be empty
  bool warning = false;
  bool operator==(const Fault&) const = default;
};

// "file:line:column: error: message; remedy", which editors and compilers' users know.
std::string to_text(const Fault& fault);

class FaultList {
 public:
  explicit FaultList(std::string file) : file_(std::move(file)) {}

  void error(Place place, std::string message, std::string remedy = {});
  void warning(Place place, std::string message, std::string remedy = {});
  bool has_errors() const { return errors_ > 0; }

  // By place; the same fault only once. Of more than kMaxFaults the rest is counted in a last one: a file
  // with that many is mostly no file of ours at all.
  std::vector<Fault> take();
  static constexpr std::size_t kMaxFaults = 200;

 private:
  std::string file_;
  std::vector<Fault> faults_;
  std::size_t errors_ = 0;
};

}  // namespace skald::sagas
