// From yaml-cpp's events to a tree. The events are taken instead of yaml-cpp's own nodes because those expand
// aliases, lose the places of keys and keep the last of two equal keys.
#include "engine/core/expression/utf8.hpp"
#include "sagas/source_text.hpp"
#include "sagas/yaml_scalar.hpp"
#include "sagas/yaml_syntax.hpp"
#include "sagas/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>

namespace skald::sagas {
namespace {

// Thrown through yaml-cpp to leave it; the fault is in the list already.
struct Refused {};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlTree& tree, FaultList& faults, YamlLimits limits)
      : tree_(tree), faults_(faults), limits_(limits) {}

  std::optional<Place> key_that_is_no_text;

  // The list or map that is still open, where there is one.
  std::optional<OpenCollection> innermost_open() const {
    if (open_.empty()) return std::nullopt;
    const YamlNode& node = tree_.nodes[open_.back().node];
    return OpenCollection{node.place, node.source_offset};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    const bool marked = tree_.source.compare(static_cast<std::size_t>(mark.pos), 3, "---") == 0;
    if (marked)
      refuse(mark, "a second document begins here", "one file holds one document: remove the '---'");
    refuse(mark, "this does not belong to what stands above it", "check the indentation");
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    refuse(mark, "the anchor '&" + name + "' is not part of the language",
           "write the value out where it is used");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "an alias is not part of the language", "write the value out");
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (expects_key()) refuse(mark, "a key is missing before ':'");
    const std::uint32_t node = new_node(Yaml::Kind::Null, mark);
    // A value that is left out has the place of its key; yaml-cpp's is that of whatever comes next.
    const auto at = static_cast<std::size_t>(mark.pos);
    const char first = at < tree_.source.size() ? tree_.source[at] : '\0';
    const bool written = first == '~' || first == 'n' || first == 'N';
    if (!open_.empty() && open_.back().has_key && !written)
      tree_.nodes[node].place = open_.back().key.key_place;
    add(node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    refuse_tag(mark, tag);
    if (!is_closed_scalar(tree_.source, static_cast<std::size_t>(mark.pos)))
      refuse(mark, "a quoted text is not closed", "add the closing quote");
    if (text.find('\0') != std::string::npos) refuse(mark, "this text holds \\u0000, which cannot be stored");
    const bool plain = tag == "?";
    if (expects_key()) return take_key(mark, text, plain);
    const std::uint32_t node = new_node(Yaml::Kind::Text, mark);
    tree_.nodes[node].text = text;
    tree_.nodes[node].scalar = plain ? meaning(mark, text) : Json(text);
    if (tree_.nodes[node].scalar.is_boolean()) tree_.nodes[node].kind = Yaml::Kind::Boolean;
    if (tree_.nodes[node].scalar.is_number()) tree_.nodes[node].kind = Yaml::Kind::Number;
    add(node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(Yaml::Kind::List, mark, tag);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(Yaml::Kind::Map, mark, tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::uint32_t node = 0;
    bool has_key = false;  // of a map: the next value belongs to `key`
    bool keep = true;      // false: the key stood already, its value is read and dropped
    YamlNode::Child key;
    std::unordered_map<std::string, Place> seen;
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string message, std::string remedy = {}) {
    faults_.error(place_of(mark), std::move(message), std::move(remedy));
    throw Refused{};
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const auto at = static_cast<std::size_t>(mark.pos);
    const bool written = at < tree_.source.size() && tree_.source[at] == '!';
    if (written || (tag != "?" && tag != "!" && !tag.empty()))
      refuse(mark, "a tag ('!…') is not part of the language", "quote a text that begins with '!'");
  }

  bool expects_key() const {
    return !open_.empty() && tree_.nodes[open_.back().node].kind == Yaml::Kind::Map && !open_.back().has_key;
  }

  void take_key(const YAML::Mark& mark, const std::string& text, bool plain) {
    if (plain && text == "<<")
      refuse(mark, "the merge key '<<' is not part of the language", "write the members out");
    Open& map = open_.back();
    const Place place = place_of(mark);
    const auto [first, is_new] = map.seen.emplace(text, place);
    if (!is_new)
      faults_.error(place, "the key '" + text + "' stands twice",
                    "the first one is in line " + std::to_string(first->second.line));
    map.keep = is_new;
    map.has_key = true;
    map.key = {text, place, 0};
  }

  Json meaning(const YAML::Mark& mark, const std::string& text) {
    ResolvedScalar resolved = resolve_plain_scalar(text);
    if (!resolved.problem.empty()) {
      faults_.error(place_of(mark), "'" + text + "' is " + resolved.problem, "quote it if it is a text");
      return text;
    }
    if (resolved.lost_zeros)
      faults_.warning(place_of(mark), "'" + text + "' is the number " + resolved.value.number_text(),
                      "quote it if it is a text");
    return std::move(resolved.value);
  }

  void open(Yaml::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    refuse_tag(mark, tag);
    // yaml-cpp takes a bracket that is never closed for the beginning of such a key, so the end must be
    // awaited.
    if (expects_key() && !key_that_is_no_text) key_that_is_no_text = place_of(mark);
    if (open_.size() >= limits_.max_depth)
      refuse(mark, "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    open_.push_back({new_node(kind, mark), false, true, {}, {}});
  }

  void close() {
    const std::uint32_t node = open_.back().node;
    open_.pop_back();
    add(node);
  }

  std::uint32_t new_node(Yaml::Kind kind, const YAML::Mark& mark) {
    tree_.nodes.push_back({});
    tree_.nodes.back().kind = kind;
    tree_.nodes.back().place = place_of(mark);
    tree_.nodes.back().source_offset = static_cast<std::size_t>(mark.pos);
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }

  void add(std::uint32_t node) {
    if (open_.empty()) {
      tree_.root = node;
      return;
    }
    Open& parent = open_.back();
    if (expects_key()) {
      parent.has_key = true;
      parent.keep = false;
      return;
    }
    YamlNode::Child child = std::exchange(parent.key, {});
    child.node = node;
    if (std::exchange(parent.keep, true)) tree_.nodes[parent.node].children.push_back(std::move(child));
    parent.has_key = false;
  }

  // Marks come nearly in order, so the characters of a line are counted once and not for each mark again.
  Place place_of(const YAML::Mark& mark) {
    const auto offset = static_cast<std::size_t>(mark.pos);
    const std::size_t line_start = offset - static_cast<std::size_t>(mark.column);
    if (line_start != line_start_ || offset < counted_to_) {
      line_start_ = counted_to_ = line_start;
      characters_ = 0;
    }
    characters_ +=
        core::code_point_count(std::string_view(tree_.source).substr(counted_to_, offset - counted_to_));
    counted_to_ = offset;
    return {mark.line + 1, static_cast<int>(characters_) + 1};
  }

  YamlTree& tree_;
  FaultList& faults_;
  YamlLimits limits_;
  std::vector<Open> open_;
  int documents_ = 0;
  std::size_t line_start_ = 0;
  std::size_t counted_to_ = 0;
  std::size_t characters_ = 0;
};

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

}  // namespace

std::shared_ptr<const YamlTree> parse_yaml_tree(std::string_view text, FaultList& faults, YamlLimits limits) {
  if (!check_source_text(text, limits.max_bytes, faults)) return nullptr;
  auto tree = std::make_shared<YamlTree>();
  tree->source = with_joined_surrogates(without_byte_order_mark(text));
  TreeBuilder builder(*tree, faults, limits);
  try {
    std::istringstream stream(tree->source);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      faults.error({}, "the file is empty");
      return nullptr;
    }
    parser.HandleNextDocument(builder);  // refused where there is a second one
    if (!builder.key_that_is_no_text) return tree;
    faults.error(*builder.key_that_is_no_text, "a key is a text", "quote it");
    return nullptr;
  } catch (const Refused&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    const SyntaxError found{error.msg, static_cast<std::size_t>(std::max(error.mark.pos, 0)),
                            builder.innermost_open()};
    explain_syntax_error(found, tree->source, faults);
    return nullptr;
  }
}

}  // namespace skald::sagas
