#include "api/cli/file_report.hpp"

#include <algorithm>

#include "api/environment.hpp"
#include "api/text_file.hpp"

namespace skald::api {
namespace {

namespace fs = std::filesystem;

std::optional<sagas::ServiceRegistry> load(const fs::path& file, std::vector<FileReport>& reports) {
  const auto text = read_text_file(file);
  if (!text) {
    reports.push_back(unreadable(file.string(), text.error().message));
    return std::nullopt;
  }
  auto loaded = sagas::load_services(*text, file.string(), environment_value);
  reports.push_back({file.string(), std::move(loaded.faults)});
  return std::move(loaded.registry);
}

}  // namespace

bool FileReport::sound() const {
  return std::none_of(faults.begin(), faults.end(), [](const auto& fault) { return !fault.warning; });
}

FileReport unreadable(const std::string& file, const std::string& why) {
  return {file, {{file, 1, 1, why, "", false}}};
}

Json report_json(const FileReport& report) {
  Json::Array faults;
  for (const auto& fault : report.faults)
    faults.push_back(Json::object({{"line", fault.line},
                                   {"column", fault.column},
                                   {"severity", fault.warning ? "warning" : "error"},
                                   {"message", fault.message},
                                   {"remedy", fault.remedy}}));
  return Json::object(
      {{"file", report.file}, {"valid", report.sound()}, {"faults", Json(std::move(faults))}});
}

const sagas::ServiceRegistry* Registries::beside(const fs::path& definition,
                                                 std::vector<FileReport>& reports) {
  const fs::path file = named_.empty() ? definition.parent_path() / "services.yaml" : fs::path(named_);
  if (named_.empty() && !fs::exists(file)) return nullptr;
  const auto [known, fresh] = by_file_.try_emplace(file);
  if (fresh) known->second = load(file, reports);
  return known->second ? &*known->second : nullptr;
}

}  // namespace skald::api
