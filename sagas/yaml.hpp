// Yaml: an immutable YAML document in which every key and value knows its place. All files of the language
// (sagas, services, stand-in services) are read through it; yaml_reader.hpp reads maps declaratively.
// Guarantees: bounded size and depth, no anchors, aliases, tags or merge keys, no key twice, scalars by the
// core schema of YAML 1.2 (`yes`, `no` and `on` are texts). A JSON document is a YAML document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "sagas/fault.hpp"

namespace skald::sagas {

struct YamlTree;

struct YamlLimits {
  std::size_t max_bytes = 1u << 20;  // hand-written files are a hundredth of it
  std::size_t max_depth = 64;        // the depth a Json may have
};

class Yaml {
 public:
  enum class Kind { Null, Boolean, Number, Text, List, Map };
  struct Member;

  // Nothing where the text could not be read as one document; `faults` says why. Keys that stand twice are
  // faults, but the document (with the first of them) is there, so that its other faults can be shown too.
  static std::optional<Yaml> parse(std::string_view text, FaultList& faults, YamlLimits limits = {});

  Kind kind() const;
  bool is(Kind wanted) const { return kind() == wanted; }
  Place place() const;

  // The value of anything but a list or a map.
  const Json& scalar() const;
  // The scalar as it was meant: a text without its quotes, a number as written.
  const std::string& text() const;

  std::size_t size() const;
  std::vector<Yaml> items() const;      // of a list; else empty
  std::vector<Member> members() const;  // of a map, in their order; else empty
  std::optional<Yaml> find(std::string_view key) const;
  // Where that key stands; where it does not, the map's own place.
  Place key_place(std::string_view key) const;

  Json to_json() const;
  // The place of what a JSON pointer (RFC 6901) names, or of the nearest thing above it that exists.
  Place place_of(std::string_view pointer) const;
  // The place of byte `offset` of text(): exact for plain and quoted scalars of one line and for literal
  // blocks; otherwise where the scalar begins.
  Place place_in_text(std::size_t offset) const;

  // "a list", "the text 'abc'", "the number 5", "nothing": what was found where something else was expected.
  std::string described() const;

 private:
  Yaml(std::shared_ptr<const YamlTree> tree, std::uint32_t node) : tree_(std::move(tree)), node_(node) {}
  // Shared by all nodes of the document: a node alone keeps its tree alive.
  std::shared_ptr<const YamlTree> tree_;
  std::uint32_t node_;
};

struct Yaml::Member {
  std::string key;
  Place key_place;
  Yaml value;
};

}  // namespace skald::sagas
