// The example of EXPLORE.md says what explore says.
#include <doctest/doctest.h>

#include "tests/explore/explored.hpp"
#include "tests/sagas/page_blocks.hpp"

namespace skald::sagas {
namespace {

TEST_CASE("explore: the report on the page is the report of its definition") {
  const auto blocks = page_blocks(SKALD_SOURCE_DIR "/sagas/EXPLORE.md");
  REQUIRE_EQ(blocks.size(), 1);
  const core::Definition definition = loaded(blocks[0].text);
  CHECK_EQ(exploration_text(explore(definition), definition.name + ".saga.yaml"), blocks[0].faults);
}

}  // namespace
}  // namespace skald::sagas
