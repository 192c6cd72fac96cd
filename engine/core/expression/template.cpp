#include "engine/core/expression/template.hpp"

#include <set>
#include <stdexcept>
#include <variant>

namespace skald::core {

// The source's shape, each text compiled. What holds no expression is one Constant, however large.
struct Template::Node {
  using Constant = Json;
  struct List {
    std::vector<Node> items;
  };
  struct Map {
    std::vector<std::string> keys;
    std::vector<Node> values;
  };
  struct Value {  // keeps the type of its result
    Program program;
  };
  std::string pointer;
  std::variant<Constant, Value, TextWithExpressions, List, Map> content;
};

namespace {

using Node = Template::Node;
template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 does not deduce it

// RFC 6901: ~ and / of a key are written ~0 and ~1.
std::string below(const std::string& pointer, std::string_view key) {
  std::string result = pointer + '/';
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

using Compiled = boost::system::result<Node, TemplateError>;

Compiled compile_node(const Json& source, const std::string& pointer);

bool is_constant(const Node& node) {
  return std::holds_alternative<Node::Constant>(node.content);
}

Compiled compile_text(const std::string& source, const std::string& pointer) {
  auto text = TextWithExpressions::compile(source);
  if (!text) return TemplateError{pointer, text.error().offset, text.error().message};
  if (const Program* program = text->only_program()) return Node{pointer, Node::Value{*program}};
  if (text->has_expressions()) return Node{pointer, std::move(*text)};
  return Node{pointer,
              text->pieces().empty() ? Json("") : Json(std::get<std::string>(text->pieces().front()))};
}

Compiled compile_list(const Json::Array& source, const std::string& pointer) {
  Node::List list;
  Json::Array constants;
  for (std::size_t i = 0; i < source.size(); ++i) {
    auto item = compile_node(source[i], below(pointer, std::to_string(i)));
    if (!item) return item;
    if (is_constant(*item)) constants.push_back(std::get<Node::Constant>(item->content));
    list.items.push_back(std::move(*item));
  }
  if (constants.size() == source.size()) return Node{pointer, Json(std::move(constants))};
  return Node{pointer, std::move(list)};
}

Compiled compile_map(const Json::Object& source, const std::string& pointer) {
  Node::Map map;
  Json::Object constants;
  for (const auto& [key, value] : source) {
    const std::string here = below(pointer, key);
    if (key.find("${") != std::string::npos)
      return TemplateError{
          here, 0,
          "a key cannot hold an expression; one expression can build the whole map: ${ {(key): value} }"};
    auto member = compile_node(value, here);
    if (!member) return member;
    if (is_constant(*member)) constants.append(key, std::get<Node::Constant>(member->content));
    map.keys.push_back(key);
    map.values.push_back(std::move(*member));
  }
  if (constants.size() == source.size()) return Node{pointer, Json(std::move(constants))};
  return Node{pointer, std::move(map)};
}

// Sources come from parse_json or from the loader of files, which bound their depth.
Compiled compile_node(const Json& source, const std::string& pointer) {
  if (source.is_string()) return compile_text(source.as_string(), pointer);
  if (source.is_array()) return compile_list(source.as_array(), pointer);
  if (source.is_object()) return compile_map(source.as_object(), pointer);
  return Node{pointer, source};
}

Result<Json> evaluate_node(const Node& node, const Json& root, Meter& meter);

Result<Json> evaluate_pieces(const TextWithExpressions& text, const Json& root, Meter& meter) {
  std::string result;
  for (const auto& piece : text.pieces()) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      result += *literal;
      continue;
    }
    const auto value = std::get<Program>(piece).evaluate(root, meter);
    if (!value) return value;
    const auto part = text_of(*value);
    if (!part) return part.error();
    result += *part;
    if (!meter.allow_bytes(result.size())) return meter.error();
  }
  return Json(std::move(result));
}

Result<Json> evaluate_list(const Node::List& list, const Json& root, Meter& meter) {
  Json::Array items;
  for (const Node& node : list.items) {
    auto item = evaluate_node(node, root, meter);
    if (!item) return item;
    items.push_back(std::move(*item));
  }
  return Json(std::move(items));
}

Result<Json> evaluate_map(const Node::Map& map, const Json& root, Meter& meter) {
  Json::Object members;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    auto value = evaluate_node(map.values[i], root, meter);
    if (!value) return value;
    members.append(map.keys[i], std::move(*value));
  }
  return Json(std::move(members));
}

Result<Json> with_pointer(Result<Json> result, const std::string& pointer) {
  if (result || pointer.empty()) return result;
  return Error{result.error().kind, pointer + ": " + result.error().message};
}

Result<Json> evaluate_node(const Node& node, const Json& root, Meter& meter) {
  return std::visit(Overloaded{
                        [](const Node::Constant& constant) -> Result<Json> { return constant; },
                        [&](const Node::Value& value) {
                          return with_pointer(value.program.evaluate(root, meter), node.pointer);
                        },
                        [&](const TextWithExpressions& text) {
                          return with_pointer(evaluate_pieces(text, root, meter), node.pointer);
                        },
                        [&](const Node::List& list) { return evaluate_list(list, root, meter); },
                        [&](const Node::Map& map) { return evaluate_map(map, root, meter); },
                    },
                    node.content);
}

// In order of their first appearance; a hostile text holds tens of thousands.
struct References {
  std::vector<Reference> found;
  std::set<Reference> known;
};

void collect_references(const Program& program, References& references) {
  for (const Reference& reference : program.references())
    if (references.known.insert(reference).second) references.found.push_back(reference);
}

void collect_references(const TextWithExpressions& text, References& found) {
  for (const auto& piece : text.pieces())
    if (const auto* program = std::get_if<Program>(&piece)) collect_references(*program, found);
}

void collect_references(const Node& node, References& found) {
  std::visit(Overloaded{
                 [](const Node::Constant&) {},
                 [&](const Node::Value& value) { collect_references(value.program, found); },
                 [&](const TextWithExpressions& text) { collect_references(text, found); },
                 [&](const Node::List& list) {
                   for (const Node& item : list.items) collect_references(item, found);
                 },
                 [&](const Node::Map& map) {
                   for (const Node& value : map.values) collect_references(value, found);
                 },
             },
             node.content);
}

}  // namespace

void throw_exception_from_error(const TemplateError& error, const boost::source_location&) {
  throw std::runtime_error(error.pointer + ": " + error.message + " at " + std::to_string(error.offset));
}

boost::system::result<Template, TemplateError> Template::compile(const Json& source) {
  auto root = compile_node(source, "");
  if (!root) return root.error();
  Template result;
  result.source_ = source;
  result.root_ = std::make_shared<const Node>(std::move(*root));
  References references;
  collect_references(*result.root_, references);
  result.references_ = std::make_shared<const std::vector<Reference>>(std::move(references.found));
  return result;
}

Result<Json> Template::evaluate(const Json& root, const Budget& budget) const {
  if (!root_) return source_;
  Meter meter(budget);
  auto result = evaluate_node(*root_, root, meter);
  // Each expression was within the limit; the whole has to be, too.
  if (result && !skald::core::is_constant(*root_) && !meter.allow(*result)) return meter.error();
  return result;
}

Result<std::string> Template::evaluate_text(const Json& root) const {
  const auto value = evaluate(root);
  if (!value) return value.error();
  return text_of(*value);
}

const std::vector<Reference>& Template::references() const {
  static const std::vector<Reference> kNone;
  return references_ ? *references_ : kNone;
}

}  // namespace skald::core
