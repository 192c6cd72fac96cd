// Json: an immutable JSON value, cheap to copy (containers and long texts are shared), that keeps the order
// of members and the text of numbers as they were received. The one JSON type of the project; nlohmann's
// lexer reads it, in json.cpp only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/error.hpp"

namespace skald {

class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  class Object;

  enum class Kind { Null, Boolean, Number, String, Array, Object };

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(double value) : value_(Number{value, nullptr}) {}
  Json(std::int64_t value);
  Json(std::uint64_t value);
  Json(int value) : Json(static_cast<std::int64_t>(value)) {}
  Json(unsigned value) : Json(static_cast<std::int64_t>(value)) {}
  Json(std::string value) : value_(std::make_shared<const std::string>(std::move(value))) {}
  Json(std::string_view value) : Json(std::string(value)) {}
  Json(const char* value) : Json(std::string(value)) {}
  Json(Array items) : value_(std::make_shared<const Array>(std::move(items))) {}
  Json(Object members);
  // A number whose text is kept where the double alone would not give it back (1.10, 2^70).
  // `text` is a valid JSON number.
  static Json number_from_text(std::string_view text);
  // An object of these members, in this order; keys are distinct.
  static Json object(std::initializer_list<std::pair<std::string, Json>> members);

  Kind kind() const;
  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_boolean() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<Number>(value_); }
  bool is_string() const { return std::holds_alternative<Text>(value_); }
  bool is_array() const { return std::holds_alternative<Items>(value_); }
  bool is_object() const { return std::holds_alternative<Members>(value_); }

  // Each of these asks for a value of that kind; anything else is a programming error
  // (std::bad_variant_access).
  bool as_boolean() const { return std::get<bool>(value_); }
  double as_number() const { return std::get<Number>(value_).value; }
  std::string number_text() const;  // as received, or the shortest text that reads back as the same double
  std::optional<std::int64_t> as_integer() const;  // where the number is an integer that fits
  const std::string& as_string() const { return *std::get<Text>(value_); }
  const Array& as_array() const { return *std::get<Items>(value_); }
  const Object& as_object() const { return *std::get<Members>(value_); }

  // The member of that name, or nullptr where there is none or this is no object.
  const Json* find(std::string_view key) const;
  // The same, with null for "none": for reading what may be left out.
  Json get(std::string_view key) const;

  // Compact, without spaces, members in their order, numbers as received.
  std::string dump() const;
  void dump_to(std::string& out) const;
  // Indented by two spaces, for people.
  std::string pretty() const;
  // Compact with members sorted by key: equal values give equal texts (for hashes).
  std::string canonical() const;

  // Numbers compare by value, objects without regard to the order of members.
  friend bool operator==(const Json& a, const Json& b);

 private:
  struct Number {
    double value;
    std::shared_ptr<const std::string> text;  // null where the double gives the text back
  };
  using Text = std::shared_ptr<const std::string>;
  using Items = std::shared_ptr<const Array>;
  using Members = std::shared_ptr<const Object>;
  std::variant<std::monostate, bool, Number, Text, Items, Members> value_;
};

struct Json::Member {
  std::string key;
  Json value;
};

// Members in order of insertion. Look-up is fast for many members too, once they have become a Json.
class Json::Object {
 public:
  Object() = default;

  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }
  auto begin() const { return members_.begin(); }
  auto end() const { return members_.end(); }
  const Json* find(std::string_view key) const;

  // Adds at the end, or replaces the value of an equal key in its place.
  void set(std::string key, Json value);
  // Adds at the end; the caller knows that the key is new.
  void append(std::string key, Json value) { members_.push_back({std::move(key), std::move(value)}); }

 private:
  friend class Json;
  void seal();  // called once, when the members become a Json: from there on they never change
  std::vector<Member> members_;
  std::vector<std::uint32_t> sorted_;  // positions sorted by key; only in sealed objects of many members
  static constexpr std::size_t kIndexFrom = 24;
};

struct JsonLimits {
  std::size_t max_depth = 64;         // nesting that PostgreSQL, readers and our own recursion bear easily
  std::size_t max_bytes = 16u << 20;  // the caller mostly has a tighter one
};

// Reads one JSON document. Refused, with line and column: what RFC 8259 forbids, invalid UTF-8, lone
// surrogates, \u0000 (PostgreSQL cannot keep it), a number beyond a double, a key twice in one object, too
// deep, too long.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace skald
