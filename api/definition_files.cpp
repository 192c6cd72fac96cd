#include "api/definition_files.hpp"

#include <algorithm>
#include <variant>

#include "api/environment.hpp"
#include "api/text_file.hpp"
#include "projections/view_loader.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSaga = ".saga.yaml", kView = ".view.yaml";
constexpr const char* kServices = "services.yaml";
// Deeper and wider than any project keeps its definitions. Bounds against loops of links, and against
// somebody who runs `dev` in a home directory: each directory costs a watch and a look at every change.
constexpr int kMostDepth = 8;
constexpr std::size_t kMostDirectories = 1'000;

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

using Visit = std::function<void(const fs::directory_entry&)>;

// What cannot be looked into is left out: `dev` may run above directories of others. `left` counts the
// directories that may still be looked into.
void walk(const fs::path& directory, int depth, std::size_t& left, const Visit& visit) {
  if (left == 0) return;
  --left;
  std::error_code failure;
  for (const auto& entry :
       fs::directory_iterator(directory, fs::directory_options::skip_permission_denied, failure)) {
    if (is_hidden(entry.path())) continue;
    visit(entry);
    if (depth < kMostDepth && entry.is_directory(failure)) walk(entry.path(), depth + 1, left, visit);
  }
}

bool declares_something(const std::string& name) {
  return name.ends_with(kSaga) || name.ends_with(kView) || name == kServices;
}

}  // namespace

DefinitionFiles::DefinitionFiles(fs::path directory, std::function<void(const std::string&)> tell)
    : directory_(fs::absolute(directory.empty() ? "." : directory).lexically_normal()),
      tell_(std::move(tell)),
      registry_(std::make_shared<sagas::ServiceRegistry>()) {}

bool DefinitionFiles::read_services(const fs::path& services) {
  named_services_ = fs::absolute(services).lexically_normal();
  return read_services(services_files());
}

// All of them or none: a registry without the services of a faulty file would break sound definitions.
bool DefinitionFiles::read_services(const std::vector<fs::path>& files) {
  std::map<std::string, sagas::Service> services;
  bool sound = true;
  for (const auto& file : files) {
    const auto text = read_text_file(file);
    if (!text) {
      tell_(text.error().message);
      sound = false;
      continue;
    }
    seen_[file] = *text;
    const auto loaded = sagas::load_services(*text, shown(file), environment_value);
    tell(loaded.faults);
    sound &= loaded.registry.has_value();
    if (!loaded.registry) continue;
    for (const auto& service : loaded.registry->all()) {
      if (services.emplace(service.name, service).second) continue;
      tell_(shown(file) + ": the service '" + service.name + "' is registered by another services.yaml too");
      sound = false;
    }
  }
  if (!sound) return false;
  std::vector<sagas::Service> all;
  for (auto& [name, service] : services) all.push_back(std::move(service));
  registry_ = std::make_shared<sagas::ServiceRegistry>(std::move(all));
  return true;
}

bool DefinitionFiles::put_changes(Node& node) {
  bool sound = put_services(node);
  for (const auto& file : files()) {
    if (declares_services(file)) continue;
    const auto text = read_text_file(file);
    if (!text) {
      tell_(text.error().message);
      sound = false;
      continue;
    }
    const auto known = seen_.find(file);
    if (known != seen_.end() && known->second == *text) continue;
    seen_[file] = *text;
    sound &= put(node, file, *text);
  }
  return sound;
}

bool DefinitionFiles::put_services(Node& node) {
  const auto files = services_files();
  const bool unchanged = std::all_of(files.begin(), files.end(), [&](const fs::path& file) {
    const auto text = read_text_file(file);
    const auto known = seen_.find(file);
    return text && known != seen_.end() && known->second == *text;
  });
  if (unchanged) return true;
  if (!read_services(files)) return false;
  node.set_services(registry_);
  std::string names;
  for (const auto& file : files) names += (names.empty() ? "" : ", ") + shown(file);
  tell_(names + ": " + std::to_string(registry_->all().size()) + " services");
  // A definition that named a service which was not there may be sound now.
  std::erase_if(seen_, [&](const auto& entry) { return !declares_services(entry.first); });
  return true;
}

bool DefinitionFiles::declares_services(const fs::path& file) const {
  return file == named_services_ || file.filename() == kServices;
}

std::vector<fs::path> DefinitionFiles::services_files() const {
  if (!named_services_.empty()) return {named_services_};
  std::vector<fs::path> found = files();
  std::erase_if(found, [](const fs::path& file) { return file.filename() != kServices; });
  return found;
}

bool DefinitionFiles::put(Node& node, const fs::path& file, const std::string& text) {
  const auto name = shown(file);
  if (file.string().ends_with(kView)) return put_view(node, file, text);
  const auto loaded = sagas::load_definition(text, name, registry_.get());
  tell(loaded.faults);
  if (!loaded.definition) return false;
  const auto put = node.put_definition(loaded.definition->name, text, name);
  if (!put || !put->entry) {
    tell_(name + ": " + (put ? "refused" : put.error().message));
    seen_.erase(file);  // it is no fault of the file: tried again with the next change
    return false;
  }
  const auto& definition = *put->entry->definition;
  const bool waits =
      std::any_of(definition.steps.begin(), definition.steps.end(),
                  [](const core::Step& step) { return std::holds_alternative<core::WaitFor>(step.kind); });
  known_[definition.name] = {definition.title, definition.input_schema, waits};
  tell_(name + ": " + definition.name + ", version " + std::to_string(definition.version) +
        (put->created ? "" : " (unchanged)"));
  return true;
}

bool DefinitionFiles::put_view(Node& node, const fs::path& file, const std::string& text) {
  const auto name = shown(file);
  const auto loaded = views::load_view(text, name, nullptr);
  if (!loaded.view) {
    tell(loaded.faults);
    return false;
  }
  const auto put = node.put_view(loaded.view->name(), text, name);
  if (put) tell(put->faults);
  if (!put || !put->generation) {
    tell_(name + ": " + (put ? "refused" : put.error().message));
    seen_.erase(file);  // it is no fault of the file: tried again with the next change
    return false;
  }
  tell_(name + ": view " + put->name + (put->created ? ", is being built" : " (unchanged)"));
  return true;
}

std::vector<fs::path> DefinitionFiles::files() const {
  std::vector<fs::path> found;
  std::size_t left = kMostDirectories;
  walk(directory_, 0, left, [&](const fs::directory_entry& entry) {
    std::error_code failure;
    if (declares_something(entry.path().filename().string()) && entry.is_regular_file(failure))
      found.push_back(entry.path());
  });
  // Views last: they are checked against the sagas.
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    const bool a_view = a.string().ends_with(kView), b_view = b.string().ends_with(kView);
    return a_view != b_view ? b_view : a < b;
  });
  return found;
}

std::vector<fs::path> DefinitionFiles::directories() const {
  std::vector<fs::path> found{directory_};
  std::size_t left = kMostDirectories;
  walk(directory_, 0, left, [&](const fs::directory_entry& entry) {
    std::error_code failure;
    if (found.size() < kMostDirectories && entry.is_directory(failure)) found.push_back(entry.path());
  });
  if (left == 0)
    tell_("more than " + std::to_string(kMostDirectories) + " directories below " + directory_.string() +
          ": the rest is left alone; use a directory of its own");
  return found;
}

// As the person who reads it would type it.
std::string DefinitionFiles::shown(const fs::path& file) const {
  const auto relative = file.lexically_proximate(fs::current_path()).string();
  return relative.starts_with("..") ? file.string() : relative;
}

void DefinitionFiles::tell(const std::vector<sagas::Fault>& faults) const {
  for (const auto& fault : faults) tell_(sagas::to_text(fault));
}

}  // namespace skald::api
