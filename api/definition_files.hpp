// The files of a directory that declare something: *.saga.yaml, services.yaml, *.view.yaml. Reads them, hands
// what is sound to a node, and tells every fault with file, line and column. A faulty file changes nothing:
// the last good version goes on running. Used by `skald serve --definitions` and, again and again, by `skald
// dev`.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api/node.hpp"
#include "sagas/fault.hpp"
#include "sagas/services.hpp"

namespace skald::api {

class DefinitionFiles {
 public:
  // What is said about files goes to `tell`, a line at a time.
  DefinitionFiles(std::filesystem::path directory, std::function<void(const std::string&)> tell);

  // Takes the services of this file alone; without it they are those of every services.yaml of the directory.
  // Gives whether it could be read.
  bool read_services(const std::filesystem::path& services);
  std::shared_ptr<const sagas::ServiceRegistry> registry() const { return registry_; }

  // Puts what is new or has changed since the last time. Gives whether everything was sound.
  bool put_changes(Node& node);

  // All definitions that were put, by name, with their input schema: for the first words of `skald dev`.
  struct Known {
    std::string title;
    Json input_schema;
    bool waits_for_events = false;  // it may not end by itself
  };
  const std::map<std::string, Known>& known() const { return known_; }

  // Directories that hold or may hold such files: what has to be watched.
  std::vector<std::filesystem::path> directories() const;

 private:
  std::vector<std::filesystem::path> files() const;
  bool put(Node& node, const std::filesystem::path& file, const std::string& text);
  bool put_view(Node& node, const std::filesystem::path& file, const std::string& text);
  bool put_services(Node& node);
  bool declares_services(const std::filesystem::path& file) const;
  std::vector<std::filesystem::path> services_files() const;
  bool read_services(const std::vector<std::filesystem::path>& files);
  std::string shown(const std::filesystem::path& file) const;
  void tell(const std::vector<sagas::Fault>& faults) const;

  std::filesystem::path directory_;
  std::filesystem::path named_services_;  // empty: none is named
  std::function<void(const std::string&)> tell_;
  std::map<std::filesystem::path, std::string> seen_;  // the text that was looked at last
  std::shared_ptr<const sagas::ServiceRegistry> registry_;
  std::map<std::string, Known> known_;
};

}  // namespace skald::api
