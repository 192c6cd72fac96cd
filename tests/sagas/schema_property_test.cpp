// Schemas that nobody would write, against values that nobody sent: whatever comes, it ends, and every fault
// points at a place that exists.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "engine/base/random.hpp"
#include "sagas/schema.hpp"
#include "tests/first_seed.hpp"

namespace skald::sagas {
namespace {

constexpr const char* kKeywords[] = {"type",
                                     "enum",
                                     "const",
                                     "minimum",
                                     "exclusiveMaximum",
                                     "multipleOf",
                                     "minLength",
                                     "pattern",
                                     "format",
                                     "items",
                                     "additionalItems",
                                     "maxItems",
                                     "uniqueItems",
                                     "contains",
                                     "properties",
                                     "patternProperties",
                                     "additionalProperties",
                                     "propertyNames",
                                     "required",
                                     "maxProperties",
                                     "dependencies",
                                     "allOf",
                                     "anyOf",
                                     "oneOf",
                                     "not",
                                     "if",
                                     "then",
                                     "else",
                                     "$ref",
                                     "$id",
                                     "definitions",
                                     "title",
                                     "unknown"};
constexpr const char* kTexts[] = {
    "", "a", "a/b", "~", "string", "object", "array", "date", "#", "#/definitions/a", "a+", "(", "[ä]"};
constexpr const char* kNumbers[] = {"0", "1", "-1", "2.5", "1e300", "-0", "1e-320", "18446744073709551616",
                                    "3"};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  // Mostly what a schema looks like: objects of keywords, and anything else in the places of values.
  Json schema(int depth) {
    if (depth == 0 || random_.below(6) == 0) return value(depth);
    Json::Object keywords;
    for (std::uint64_t i = random_.below(4); i > 0; --i)
      keywords.set(one_of(kKeywords), keyword_value(depth - 1));
    return keywords;
  }

  Json value(int depth) {
    switch (random_.below(depth > 0 ? 7 : 4)) {
      case 0: return nullptr;
      case 1: return random_.below(2) == 0;
      case 2: return Json::number_from_text(one_of(kNumbers));
      case 3: return one_of(kTexts);
      case 4: return list([&] { return value(depth - 1); });
      default: return named([&] { return value(depth - 1); });
    }
  }

 private:
  Json keyword_value(int depth) {
    switch (random_.below(5)) {
      case 0: return value(depth);
      case 1: return list([&] { return schema(depth); });
      case 2: return named([&] { return schema(depth); });
      default: return schema(depth);
    }
  }
  template <class Make>
  Json list(Make make) {
    Json::Array items;
    for (std::uint64_t i = random_.below(4); i > 0; --i) items.push_back(make());
    return items;
  }
  template <class Make>
  Json named(Make make) {
    Json::Object members;
    for (std::uint64_t i = random_.below(4); i > 0; --i) members.set(one_of(kTexts), make());
    return members;
  }
  template <std::size_t kSize>
  const char* one_of(const char* const (&words)[kSize]) {
    return words[random_.below(kSize)];
  }

  Random random_;
};

std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i)
    text += token[i] == '~' ? (token[++i] == '0' ? '~' : '/') : token[i];
  return text;
}

bool exists(const Json& root, std::string_view pointer) {
  Json at = root;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string token = unescaped(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(std::min(pointer.find('/'), pointer.size()));
    if (at.is_array() && std::stoul(token) < at.as_array().size())
      at = Json(at.as_array()[std::stoul(token)]);
    else if (const Json* member = at.find(token))
      at = Json(*member);
    else
      return false;
  }
  return true;
}

TEST_CASE("schema: whatever is taken for a schema or a value, every fault points at a place that exists") {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::uint64_t seed = skald::testing::first_seed(static_cast<std::uint64_t>(now));
  INFO("SKALD_SEED=", seed, " test_sagas -tc='schema: whatever*'");
  Generator generator(seed);
  std::size_t compiled = 0, refused = 0, with_faults = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Json document = generator.schema(3);
    CAPTURE(document.dump());
    const auto schema = Schema::compile(document);
    if (!schema) {
      ++refused;
      for (const auto& fault : schema.error()) CHECK_MESSAGE(exists(document, fault.pointer), fault.pointer);
      continue;
    }
    ++compiled;
    for (int j = 0; j < 5; ++j) {
      const Json value = generator.value(3);
      CAPTURE(value.dump());
      const auto faults = schema->validate(value);
      if (!faults.empty()) ++with_faults;
      for (const auto& fault : faults) CHECK_MESSAGE(exists(value, fault.pointer), fault.pointer);
    }
  }
  // Otherwise the generator tests too little.
  CHECK(compiled > 2000);
  CHECK(refused > 2000);
  CHECK(with_faults > 1000);
}

}  // namespace
}  // namespace skald::sagas
