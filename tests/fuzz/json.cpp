// The JSON reader. Accepted is exactly what nlohmann reads within our limits, with the same meaning; what is
// written is read back as the same, in every form of writing.
#include <nlohmann/json.hpp>
#include <set>

#include "eventstore/storable.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace skald;

// What nlohmann sees in a text, beside whether it is JSON.
class Seen : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool has_nul = false, has_twin = false;
  std::size_t deepest = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t& text) override { return look_at(text); }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t& name) override {
    has_twin = !keys_.back().insert(name).second || has_twin;
    return look_at(name);
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool look_at(const std::string& text) {
    has_nul = has_nul || text.find('\0') != std::string::npos;
    return true;
  }
  bool open() {
    keys_.emplace_back();
    deepest = std::max(deepest, keys_.size());
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> keys_;
};

bool should_be_accepted(std::string_view text, JsonLimits limits) {
  Seen seen;
  const bool is_json = nlohmann::json::sax_parse(text.begin(), text.end(), &seen);
  return is_json && !seen.has_nul && !seen.has_twin && seen.deepest <= limits.max_depth &&
         text.size() <= limits.max_bytes;
}

// The same value with the members of its objects in reverse order.
Json reversed(const Json& value) {
  if (value.is_array()) {
    Json::Array items;
    for (const Json& item : value.as_array()) items.push_back(reversed(item));
    return items;
  }
  if (!value.is_object()) return value;
  std::vector<Json::Member> members(value.as_object().begin(), value.as_object().end());
  Json::Object object;
  for (auto member = members.rbegin(); member != members.rend(); ++member)
    object.append(member->key, reversed(member->value));
  return object;
}

void check_members(const Json& value) {
  if (value.is_array())
    for (const Json& item : value.as_array()) check_members(item);
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.as_object()) {
    const Json* found = value.find(key);
    CHECK_THAT(found && *found == member, "every member is found by its key");
    check_members(member);
  }
}

void check_value(std::string_view text, const Json& value) {
  const std::string written = value.dump();
  CHECK_THAT(nlohmann::json::parse(written) == nlohmann::json::parse(text), "nothing changes its meaning");
  const auto read = parse_json(written);
  CHECK_THAT(read && *read == value && read->dump() == written, "what is written is read back");
  const auto pretty = parse_json(value.pretty());
  CHECK_THAT(pretty && pretty->dump() == written, "spaces mean nothing");
  CHECK_THAT(value.canonical() == reversed(value).canonical(), "the order of members means nothing");
  CHECK_THAT(value == reversed(value), "objects compare without regard to order");
  CHECK_THAT(parse_json(value.canonical())->canonical() == value.canonical(),
             "the canonical form is its own");
  CHECK_THAT(!store::why_unstorable(written), "what is accepted can be stored");
  check_members(value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  for (const JsonLimits limits : {JsonLimits{}, JsonLimits{.max_depth = 3, .max_bytes = 40}}) {
    const auto value = parse_json(text, limits);
    CHECK_THAT(value.has_value() == should_be_accepted(text, limits), "accepted is JSON within the limits");
    if (value)
      check_value(text, *value);
    else
      fuzz::check_sayable(value.error().message);
  }
  return 0;
}
