#include "api/http/definition_json.hpp"

#include <doctest/doctest.h>

#include "sagas/definition_loader.hpp"

namespace skald::api {

TEST_CASE("definition json: what is written for people is shown to them") {
  constexpr const char* kText = R"(saga: order
title: An order
description: From the shop
steps:
  - id: reserve
    title: Reserve the goods
    set: { a: 1 }
  - id: note
    set: { a: 2 }
)";
  auto loaded = sagas::load_definition(kText, "order.saga.yaml", nullptr);
  REQUIRE(loaded.definition);
  sagas::Catalog catalog;
  catalog.add(std::move(*loaded.definition), kText, {});
  const Json shown = definition_json(*catalog.newest("order"), {});
  CHECK(shown.get("title") == Json("An order"));
  CHECK(shown.get("description") == Json("From the shop"));
  CHECK(shown.get("steps").dump() == R"(["reserve","note"])");
  CHECK(shown.get("titles").dump() == R"({"reserve":"Reserve the goods"})");
  CHECK(shown.get("source") == Json(kText));
  CHECK(definition_row_json(*catalog.newest("order")).get("title") == Json("An order"));
}

}  // namespace skald::api
