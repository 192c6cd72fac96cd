#include "sagas/catalog.hpp"

#include <doctest/doctest.h>

#include "sagas/definition_loader.hpp"
#include "tests/sagas/recruitment_text.hpp"

namespace skald::sagas {
namespace {

core::Definition definition(std::string_view name, std::int32_t version, std::string_view title) {
  const std::string text = "saga: " + std::string(name) + "\ntitle: " + std::string(title) +
                           "\nsteps:\n  - id: a\n    http: { service: s, method: GET, path: /a }\n";
  auto loaded = load_definition(text, "f", nullptr);
  REQUIRE(loaded.definition);
  loaded.definition->version = version;
  return std::move(*loaded.definition);
}

TEST_CASE("catalog: definitions are found by name, by version and by hash") {
  Catalog catalog;
  const core::Definition first = definition("a", 1, "one");
  catalog.add(first, "source one", Timestamp{1});
  catalog.add(definition("b", 1, "other"), "source b", Timestamp{2});
  catalog.add(definition("a", 2, "two"), "source two", Timestamp{3});

  REQUIRE(catalog.newest("a"));
  CHECK_EQ(catalog.newest("a")->definition->version, 2);
  CHECK_EQ(catalog.newest("a")->source, "source two");
  CHECK_EQ(catalog.newest("a")->created_at.microseconds, 3);
  CHECK_EQ(catalog.version("a", 1)->definition->title, "one");
  CHECK_FALSE(catalog.version("a", 3));
  CHECK_FALSE(catalog.newest("c"));
  CHECK_EQ(catalog.by_hash(first.hash)->definition->version, 1);
  CHECK_FALSE(catalog.by_hash("none"));

  REQUIRE_EQ(catalog.list().size(), 2);
  CHECK_EQ(catalog.list()[0].definition->version, 2);
  CHECK_EQ(catalog.list()[1].definition->name, "b");
  REQUIRE_EQ(catalog.versions("a").size(), 2);
  CHECK_EQ(catalog.versions("a")[0].definition->version, 2);
  CHECK(catalog.versions("c").empty());
}

TEST_CASE(
    "catalog: of two versions with the same content the hash alone names the newer, in whatever order they "
    "come") {
  for (const bool newer_first : {true, false}) {
    Catalog catalog;
    catalog.add(definition("a", newer_first ? 3 : 1, "same"), "", {});
    catalog.add(definition("a", newer_first ? 1 : 3, "same"), "", {});
    const auto entry = catalog.by_hash(definition("a", 0, "same").hash);
    REQUIRE(entry);
    CHECK_EQ(entry->definition->version, 3);
    CHECK_EQ(catalog.by_hash(entry->definition->hash, 1)->definition->version, 1);
    CHECK_FALSE(catalog.by_hash(entry->definition->hash, 2));
    CHECK_EQ(catalog.newest("a")->definition->version, 3);
  }
}

TEST_CASE("catalog: a copy that gets a definition leaves the original as it was") {
  Catalog original;
  original.add(definition("a", 1, "one"), "", {});
  Catalog changed = original;
  changed.add(definition("a", 2, "two"), "", {});
  CHECK_EQ(original.newest("a")->definition->version, 1);
  CHECK_EQ(changed.newest("a")->definition->version, 2);
  CHECK_EQ(changed.version("a", 1)->definition, original.newest("a")->definition);  // shared, not copied
}

TEST_CASE("catalog: an entry has the compiled schema of its input") {
  Catalog catalog;
  auto loaded = load_definition(kRecruitment, "f", nullptr);
  REQUIRE(loaded.definition);
  catalog.add(std::move(*loaded.definition), std::string(kRecruitment), {});
  catalog.add(definition("a", 1, "one"), "", {});
  REQUIRE(catalog.newest("recruitment")->input);
  CHECK_EQ(catalog.newest("recruitment")->input->validate(Json::object({{"applicantId", 5}})).size(), 5);
  CHECK_EQ(catalog.newest("a")->input, nullptr);
}

}  // namespace
}  // namespace skald::sagas
