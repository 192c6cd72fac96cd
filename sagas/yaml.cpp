#include "sagas/yaml.hpp"

#include <charconv>

#include "sagas/yaml_tree.hpp"

namespace skald::sagas {
namespace {

// Longer texts are cut where a message quotes them.
constexpr std::size_t kMaxQuoted = 40;

std::string unescape(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    text += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return text;
}

const YamlNode::Child* child_named(const YamlNode& node, const std::string& token) {
  if (node.kind == Yaml::Kind::Map) {
    for (const auto& child : node.children)
      if (child.key == token) return &child;
  } else if (node.kind == Yaml::Kind::List) {
    std::size_t index = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), index);
    if (read.ec == std::errc{} && read.ptr == token.data() + token.size() && index < node.children.size())
      return &node.children[index];
  }
  return nullptr;
}

Json to_json(const YamlTree& tree, const YamlNode& node) {
  if (node.kind == Yaml::Kind::List) {
    Json::Array items;
    items.reserve(node.children.size());
    for (const auto& child : node.children) items.push_back(to_json(tree, tree.nodes[child.node]));
    return items;
  }
  if (node.kind == Yaml::Kind::Map) {
    Json::Object members;
    for (const auto& child : node.children) members.append(child.key, to_json(tree, tree.nodes[child.node]));
    return members;
  }
  return node.scalar;
}

std::string quoted(const std::string& text) {
  if (text.size() <= kMaxQuoted) return '\'' + text + '\'';
  std::size_t end = kMaxQuoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return '\'' + text.substr(0, end) + "…'";
}

}  // namespace

std::optional<Yaml> Yaml::parse(std::string_view text, FaultList& faults, YamlLimits limits) {
  auto tree = parse_yaml_tree(text, faults, limits);
  if (!tree) return std::nullopt;
  const std::uint32_t root = tree->root;
  return Yaml(std::move(tree), root);
}

Yaml::Kind Yaml::kind() const {
  return tree_->nodes[node_].kind;
}
Place Yaml::place() const {
  return tree_->nodes[node_].place;
}
const Json& Yaml::scalar() const {
  return tree_->nodes[node_].scalar;
}
const std::string& Yaml::text() const {
  return tree_->nodes[node_].text;
}
std::size_t Yaml::size() const {
  return tree_->nodes[node_].children.size();
}
Json Yaml::to_json() const {
  return sagas::to_json(*tree_, tree_->nodes[node_]);
}

std::vector<Yaml> Yaml::items() const {
  std::vector<Yaml> items;
  if (!is(Kind::List)) return items;
  items.reserve(size());
  for (const auto& child : tree_->nodes[node_].children) items.push_back(Yaml(tree_, child.node));
  return items;
}

std::vector<Yaml::Member> Yaml::members() const {
  std::vector<Member> members;
  if (!is(Kind::Map)) return members;
  members.reserve(size());
  for (const auto& child : tree_->nodes[node_].children)
    members.push_back({child.key, child.key_place, Yaml(tree_, child.node)});
  return members;
}

std::optional<Yaml> Yaml::find(std::string_view key) const {
  if (!is(Kind::Map)) return std::nullopt;
  for (const auto& child : tree_->nodes[node_].children)
    if (child.key == key) return Yaml(tree_, child.node);
  return std::nullopt;
}

Place Yaml::key_place(std::string_view key) const {
  if (is(Kind::Map))
    for (const auto& child : tree_->nodes[node_].children)
      if (child.key == key) return child.key_place;
  return place();
}

Place Yaml::place_of(std::string_view pointer) const {
  const YamlNode* node = &tree_->nodes[node_];
  while (pointer.starts_with('/')) {
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const auto* child = child_named(*node, unescape(pointer.substr(1, end - 1)));
    if (child == nullptr) break;
    node = &tree_->nodes[child->node];
    pointer.remove_prefix(end);
  }
  return node->place;
}

Place Yaml::place_in_text(std::size_t offset) const {
  return place_in_scalar(*tree_, tree_->nodes[node_], offset);
}

std::string Yaml::described() const {
  switch (kind()) {
    case Kind::Null: return "nothing";
    case Kind::Boolean: return scalar().as_boolean() ? "true" : "false";
    case Kind::Number: return "the number " + text();
    case Kind::Text: return "the text " + quoted(text());
    case Kind::List: return "a list";
    case Kind::Map: return "a map";
  }
  return {};
}

}  // namespace skald::sagas
