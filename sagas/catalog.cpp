#include "sagas/catalog.hpp"

#include "engine/base/check.hpp"

namespace skald::sagas {
namespace {

std::shared_ptr<const Schema> compile(const Json& input_schema) {
  if (input_schema.is_null()) return nullptr;
  auto compiled = Schema::compile(input_schema);
  CHECK_THAT(compiled.has_value(), "load_definition accepts no definition whose input schema is faulty");
  return std::make_shared<const Schema>(std::move(*compiled));
}

}  // namespace

void Catalog::add(core::Definition definition, std::string source, Timestamp created_at) {
  auto input = compile(definition.input_schema);
  auto shared = std::make_shared<const core::Definition>(std::move(definition));
  const Kept entry = std::make_shared<const CatalogEntry>(
      CatalogEntry{shared, std::move(input), std::move(source), created_at});
  by_name_[shared->name][shared->version] = entry;
  by_hash_[shared->hash][shared->version] = entry;
}

std::optional<CatalogEntry> Catalog::newest(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return *found->second.rbegin()->second;
}

std::optional<CatalogEntry> Catalog::version(std::string_view name, std::int32_t version) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  const auto entry = found->second.find(version);
  if (entry == found->second.end()) return std::nullopt;
  return *entry->second;
}

std::optional<CatalogEntry> Catalog::by_hash(std::string_view hash,
                                             std::optional<std::int32_t> version) const {
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  const auto& versions = found->second;
  if (!version) return *versions.rbegin()->second;
  const auto asked = versions.find(*version);
  if (asked == versions.end()) return std::nullopt;
  return *asked->second;
}

std::vector<CatalogEntry> Catalog::list() const {
  std::vector<CatalogEntry> newest;
  for (const auto& [name, versions] : by_name_) newest.push_back(*versions.rbegin()->second);
  return newest;
}

std::vector<CatalogEntry> Catalog::versions(std::string_view name) const {
  std::vector<CatalogEntry> entries;
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return entries;
  for (auto version = found->second.rbegin(); version != found->second.rend(); ++version)
    entries.push_back(*version->second);
  return entries;
}

}  // namespace skald::sagas
