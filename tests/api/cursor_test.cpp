#include "api/http/cursor.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace skald::api;

TEST_CASE("cursor: gives back the id it was made of") {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const auto id =
        new_saga_id(Timestamp{1'700'000'000'000'000 + i}, Partition{static_cast<std::uint16_t>(i)}, random);
    const auto read = read_cursor(cursor_after(id));
    REQUIRE(read.has_value());
    CHECK(*read == id);
  }
}

TEST_CASE("cursor: needs no encoding in a query") {
  Random random(8);
  for (int i = 0; i < 100; ++i) {
    const auto cursor = cursor_after(new_saga_id(Timestamp{i}, Partition{3}, random));
    CHECK(cursor.find_first_of("+/=&% ") == std::string::npos);
  }
}

TEST_CASE("cursor: what is none is refused") {
  Random random(9);
  const auto good = cursor_after(new_saga_id(Timestamp{1}, Partition{3}, random));
  for (const std::string& text : {std::string(), std::string("x"), good + "A", good.substr(1),
                                  "b" + good.substr(1), good.substr(0, 22) + "!", good.substr(0, 22) + "_"})
    CHECK_MESSAGE(read_cursor(text).has_error(), text);
}
