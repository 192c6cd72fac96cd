#include "engine/base/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace skald {
namespace {

std::string shortest(double value) {
  // JSON has no infinities; jq prints the largest double in their place.
  if (std::isnan(value)) return "null";
  if (std::isinf(value)) return value > 0 ? "1.7976931348623157e+308" : "-1.7976931348623157e+308";
  char text[32];
  // As jq: 0.0001 and not 1e-04, which is what to_chars takes for shorter.
  const double size = std::fabs(value);
  const bool plain = size < 1e17 && (size >= 1e-4 || size == 0);
  const auto result = plain ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed)
                            : std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

// Collects the lexer's calls into a Json, with the limits that nlohmann does not know.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(JsonLimits limits) : limits_(limits) {}

  Json result;
  std::string fault;

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(static_cast<std::int64_t>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(static_cast<std::uint64_t>(value)); }
  bool number_float(number_float_t, const string_t& text) override {
    return add(Json::number_from_text(text));
  }
  bool string(string_t& text) override { return acceptable(text) && add(std::move(text)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(true); }
  bool key(string_t& name) override {
    if (!acceptable(name)) return false;
    open_.back().key = std::move(name);
    return true;
  }
  bool end_object() override {
    if (const auto twice = duplicate(open_.back().members))
      return refuse("the key '" + *twice + "' stands twice in one object");
    Json object{std::move(open_.back().members)};
    open_.pop_back();
    return add(std::move(object));
  }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override {
    Json array{std::move(open_.back().items)};
    open_.pop_back();
    return add(std::move(array));
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error …"
    std::string_view text = error.what();
    if (const auto at = text.find(" at line "); at != std::string_view::npos)
      text.remove_prefix(at + 4);
    else if (const auto bracket = text.find("] "); bracket != std::string_view::npos)
      text.remove_prefix(bracket + 2);
    std::string why(text);
    // It quotes what was read last, which may be no UTF-8 or end in the middle of a character.
    for (char& c : why)
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    return refuse(std::move(why));
  }

 private:
  struct Open {
    bool is_object;
    std::string key;
    Json::Object members;
    Json::Array items;
  };

  bool refuse(std::string why) {
    if (fault.empty()) fault = std::move(why);
    return false;
  }
  bool acceptable(const std::string& text) {
    return text.find('\0') == std::string::npos || refuse("a text holds \\u0000, which cannot be stored");
  }
  bool open(bool is_object) {
    if (open_.size() >= limits_.max_depth)
      return refuse("nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    open_.push_back({is_object, {}, {}, {}});
    return true;
  }
  bool add(Json value) {
    if (open_.empty())
      result = std::move(value);
    else if (open_.back().is_object)
      open_.back().members.append(std::move(open_.back().key), std::move(value));
    else
      open_.back().items.push_back(std::move(value));
    return true;
  }
  static std::optional<std::string> duplicate(const Json::Object& members) {
    if (members.size() < 2) return std::nullopt;
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& member : members) keys.push_back(member.key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return std::nullopt;
    return std::string(*twice);
  }

  JsonLimits limits_;
  std::vector<Open> open_;
};

void append_indent(std::string& out, int depth) {
  out += '\n';
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
}

void pretty_to(std::string& out, const Json& value, int depth) {
  if (value.is_array() && !value.as_array().empty()) {
    const char* separator = "[";
    for (const Json& item : value.as_array()) {
      out += separator;
      append_indent(out, depth + 1);
      pretty_to(out, item, depth + 1);
      separator = ",";
    }
    append_indent(out, depth);
    out += ']';
  } else if (value.is_object() && !value.as_object().empty()) {
    const char* separator = "{";
    for (const auto& [key, member] : value.as_object()) {
      out += separator;
      append_indent(out, depth + 1);
      append_json_string(out, key);
      out += ": ";
      pretty_to(out, member, depth + 1);
      separator = ",";
    }
    append_indent(out, depth);
    out += '}';
  } else {
    value.dump_to(out);
  }
}

Json sorted_by_key(const Json& value) {
  if (value.is_array()) {
    Json::Array items;
    for (const Json& item : value.as_array()) items.push_back(sorted_by_key(item));
    return items;
  }
  if (!value.is_object()) return value;
  std::vector<const Json::Member*> members;
  for (const auto& member : value.as_object()) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key < b->key; });
  Json::Object object;
  for (const auto* member : members) object.append(member->key, sorted_by_key(member->value));
  return object;
}

}  // namespace

Json::Json(std::int64_t value) {
  const auto number = static_cast<double>(value);
  const bool exact = value > -(1LL << 53) && value < (1LL << 53);
  value_ = Number{number, exact ? nullptr : std::make_shared<const std::string>(std::to_string(value))};
}

Json::Json(std::uint64_t value) {
  const auto number = static_cast<double>(value);
  const bool exact = value < (1ULL << 53);
  value_ = Number{number, exact ? nullptr : std::make_shared<const std::string>(std::to_string(value))};
}

Json::Json(Object members) {
  members.seal();
  value_ = std::make_shared<const Object>(std::move(members));
}

Json Json::number_from_text(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Out of range: too small for a double (the lexer refuses the too large); strtod gives the nearest.
  if (fault == std::errc::result_out_of_range) value = std::strtod(std::string(text).c_str(), nullptr);
  Json json;
  const bool plain = std::isfinite(value) && shortest(value) == text;
  json.value_ = Number{value, plain ? nullptr : std::make_shared<const std::string>(text)};
  return json;
}

Json Json::object(std::initializer_list<std::pair<std::string, Json>> members) {
  Object object;
  object.members_.reserve(members.size());
  for (const auto& [key, value] : members) object.append(key, value);
  return object;
}

Json::Kind Json::kind() const {
  return static_cast<Kind>(value_.index());
}

std::string Json::number_text() const {
  const auto& number = std::get<Number>(value_);
  return number.text ? *number.text : shortest(number.value);
}

std::optional<std::int64_t> Json::as_integer() const {
  if (!is_number()) return std::nullopt;
  const auto& number = std::get<Number>(value_);
  if (number.text) {
    std::int64_t value = 0;
    const char* end = number.text->data() + number.text->size();
    const auto [stop, fault] = std::from_chars(number.text->data(), end, value);
    if (fault == std::errc{} && stop == end) return value;
  }
  if (std::nearbyint(number.value) != number.value || std::fabs(number.value) > 9007199254740992.0)
    return std::nullopt;
  return static_cast<std::int64_t>(number.value);
}

const Json* Json::find(std::string_view key) const {
  return is_object() ? as_object().find(key) : nullptr;
}

Json Json::get(std::string_view key) const {
  const Json* found = find(key);
  return found ? *found : Json{};
}

// What a JSON string cannot hold as it is (RFC 8259 section 7).
constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> escaped{};
  for (std::size_t c = 0; c < 0x20; ++c) escaped[c] = true;
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}();

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!kEscaped[c]) continue;
    out.append(text.substr(plain_from, i - plain_from));
    plain_from = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += kDigits[c >> 4];
        out += kDigits[c & 15];
    }
  }
  out.append(text.substr(plain_from));
  out += '"';
}

void Json::dump_to(std::string& out) const {
  switch (kind()) {
    case Kind::Null: out += "null"; return;
    case Kind::Boolean: out += as_boolean() ? "true" : "false"; return;
    case Kind::Number: out += number_text(); return;
    case Kind::String: append_json_string(out, as_string()); return;
    case Kind::Array: {
      out += '[';
      bool first = true;
      for (const Json& item : as_array()) {
        if (!std::exchange(first, false)) out += ',';
        item.dump_to(out);
      }
      out += ']';
      return;
    }
    case Kind::Object: {
      out += '{';
      bool first = true;
      for (const auto& [key, value] : as_object()) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, key);
        out += ':';
        value.dump_to(out);
      }
      out += '}';
      return;
    }
  }
}

// Of the payload of an event: without it the text grows five times.
constexpr std::size_t kLikelySize = 240;

std::string Json::dump() const {
  std::string out;
  if (is_object() || is_array()) out.reserve(kLikelySize);
  dump_to(out);
  return out;
}

std::string Json::pretty() const {
  std::string out;
  pretty_to(out, *this, 0);
  return out;
}

std::string Json::canonical() const {
  return sorted_by_key(*this).dump();
}

bool operator==(const Json& a, const Json& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Json::Kind::Null: return true;
    case Json::Kind::Boolean: return a.as_boolean() == b.as_boolean();
    case Json::Kind::Number: return a.as_number() == b.as_number();
    case Json::Kind::String: return a.as_string() == b.as_string();
    case Json::Kind::Array:
      return std::get<Json::Items>(a.value_) == std::get<Json::Items>(b.value_) ||
             a.as_array() == b.as_array();
    case Json::Kind::Object: {
      if (std::get<Json::Members>(a.value_) == std::get<Json::Members>(b.value_)) return true;
      if (a.as_object().size() != b.as_object().size()) return false;
      for (const auto& [key, value] : a.as_object()) {
        const Json* other = b.as_object().find(key);
        if (!other || !(*other == value)) return false;
      }
      return true;
    }
  }
  return false;
}

void Json::Object::seal() {
  if (members_.size() < kIndexFrom) return;
  sorted_.resize(members_.size());
  std::iota(sorted_.begin(), sorted_.end(), 0u);
  std::sort(sorted_.begin(), sorted_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return members_[a].key < members_[b].key; });
}

const Json* Json::Object::find(std::string_view key) const {
  if (sorted_.size() == members_.size()) {
    const auto at =
        std::lower_bound(sorted_.begin(), sorted_.end(), key,
                         [&](std::uint32_t i, std::string_view k) { return members_[i].key < k; });
    return at != sorted_.end() && members_[*at].key == key ? &members_[*at].value : nullptr;
  }
  for (const auto& member : members_)
    if (member.key == key) return &member.value;
  return nullptr;
}

void Json::Object::set(std::string key, Json value) {
  for (auto& member : members_) {
    if (member.key != key) continue;
    member.value = std::move(value);
    return;
  }
  sorted_.clear();
  append(std::move(key), std::move(value));
}

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes)
    return invalid("longer than " + std::to_string(limits.max_bytes) + " bytes");
  Builder builder(limits);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.result);
  return invalid(builder.fault.empty() ? "not a JSON document" : builder.fault);
}

}  // namespace skald
