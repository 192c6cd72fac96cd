// What is wrong with files that people wrote, and the registries of services beside them: `skald validate`
// and `skald explore` read definitions through here.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "sagas/fault.hpp"
#include "sagas/services.hpp"

namespace skald::api {

struct FileReport {
  std::string file;
  std::vector<sagas::Fault> faults;
  bool sound() const;
};

FileReport unreadable(const std::string& file, const std::string& why);
Json report_json(const FileReport& report);

// The registries of the directories that were met, each with its own faults reported once.
class Registries {
 public:
  // The one that is named, else those beside the definitions.
  explicit Registries(std::string services) : named_(std::move(services)) {}

  // Null where there is no services.yaml: names of services are then not checked.
  const sagas::ServiceRegistry* beside(const std::filesystem::path& definition,
                                       std::vector<FileReport>& reports);

 private:
  std::string named_;
  std::map<std::filesystem::path, std::optional<sagas::ServiceRegistry>> by_file_;
};

}  // namespace skald::api
