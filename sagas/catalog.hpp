// Catalog: the definitions a node knows, all versions of them, by name and by hash. A value: whoever adds one
// makes a copy, and lanes share the newest as shared_ptr<const Catalog>, so that none of them ever waits for
// another.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/core/definition.hpp"
#include "sagas/schema.hpp"

namespace skald::sagas {

struct CatalogEntry {
  // Shared by catalogs, and by the running sagas that end under the definition they began with.
  std::shared_ptr<const core::Definition> definition;
  std::shared_ptr<const Schema> input;  // null: any input will do. Shared with the definition.
  std::string source;                   // the text as it was given
  Timestamp created_at;
};

class Catalog {
 public:
  // `definition` comes from load_definition and bears its version. One of the same name and version is
  // replaced.
  void add(core::Definition definition, std::string source, Timestamp created_at);

  std::optional<CatalogEntry> newest(std::string_view name) const;
  std::optional<CatalogEntry> version(std::string_view name, std::int32_t version) const;
  // The name is part of what is hashed. Of several versions with one content: that one, or the newest where
  // none is named.
  std::optional<CatalogEntry> by_hash(std::string_view hash,
                                      std::optional<std::int32_t> version = std::nullopt) const;

  std::vector<CatalogEntry> list() const;                           // the newest of each name, by name
  std::vector<CatalogEntry> versions(std::string_view name) const;  // newest first

 private:
  // Shared by the copies of a catalog; never changed.
  using Kept = std::shared_ptr<const CatalogEntry>;
  std::map<std::string, std::map<std::int32_t, Kept>, std::less<>> by_name_;
  std::map<std::string, std::map<std::int32_t, Kept>, std::less<>> by_hash_;
};

}  // namespace skald::sagas
