// YamlTree: how a document lies in memory: one vector of nodes that name each other by index. Between
// yaml_parser.cpp, which builds it, and yaml.cpp, which reads it; nobody else includes it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sagas/yaml.hpp"

namespace skald::sagas {

struct YamlNode {
  struct Child {
    std::string key;  // of a member; empty for an item
    Place key_place;
    std::uint32_t node = 0;
  };

  Yaml::Kind kind = Yaml::Kind::Null;
  Place place;
  std::size_t source_offset = 0;  // of its first byte
  Json scalar;
  std::string text;
  std::vector<Child> children;
};

struct YamlTree {
  std::string source;
  std::vector<YamlNode> nodes;
  std::uint32_t root = 0;
};

// Reads `source` into a tree. Null where it is no document of ours; `faults` says why.
std::shared_ptr<const YamlTree> parse_yaml_tree(std::string_view source, FaultList& faults,
                                                YamlLimits limits);

// The place of byte `offset` of a scalar's value (yaml_place.cpp).
Place place_in_scalar(const YamlTree& tree, const YamlNode& scalar, std::size_t offset);

}  // namespace skald::sagas
