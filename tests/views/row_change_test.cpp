// What changes of one row are together; and sums, which are exact.
#include "eventstore/row_change.hpp"

#include <doctest/doctest.h>

#include "engine/base/random.hpp"
#include "eventstore/decimal.hpp"
#include "eventstore/view_rows.hpp"

using namespace skald;
using namespace skald::store;

namespace {

const ViewTable kTable = {"v",
                          {{"k", ColumnType::Text, Merge::Key},
                           {"latest", ColumnType::Text, Merge::Latest},
                           {"sum", ColumnType::Integer, Merge::Sum},
                           {"most", ColumnType::Numeric, Merge::Max},
                           {"least", ColumnType::Timestamptz, Merge::Min},
                           {"list", ColumnType::Jsonb, Merge::Newest, 2}},
                          {}};

EventPlace at(std::int64_t second, std::int64_t position = 1) {
  return {{second * 1'000'000}, {{0}, position}};
}
RowChange change(std::size_t column, Cell value, EventPlace place) {
  RowChange result{RowChange::Kind::Merge, {"x"}, std::vector<ColumnChange>(5)};
  result.columns[column].push_back({std::move(value), place});
  return result;
}
std::string shown(std::vector<RowChange> changes) {
  ViewRows rows(kTable);
  for (const RowChange& one : changes) rows.merge(one);
  std::string text;
  for (const auto& row : rows.rows())
    for (const Cell& cell : row) text += (text.empty() ? "" : "|") + cell.value_or("null");
  return text;
}

}  // namespace

TEST_CASE("changes: a new row has sums of 0 and empty lists, and nulls elsewhere") {
  CHECK(shown({change(0, "a", at(1))}) == "x|a|0|null|null|[]");
}

TEST_CASE("changes: the latest value is that of the greatest place, in whatever order they come") {
  CHECK(shown({change(0, "a", at(1)), change(0, "b", at(2))}) == "x|b|0|null|null|[]");
  CHECK(shown({change(0, "b", at(2)), change(0, "a", at(1))}) == "x|b|0|null|null|[]");
  CHECK(shown({change(0, "b", at(2, 7)), change(0, std::nullopt, at(2, 8))}) == "x|null|0|null|null|[]");
}

TEST_CASE("changes: sums add, the greater and the smaller stay, by the order of their type") {
  CHECK(shown({change(1, "5", at(1)), change(1, "-7", at(2))}) == "x|null|-2|null|null|[]");
  CHECK(shown({change(2, "9", at(1)), change(2, "10", at(2)), change(2, "-11", at(3))}) ==
        "x|null|0|10|null|[]");
  CHECK(shown({change(3, "2026-11-21T07:00:00.500000Z", at(1)), change(3, "2026-11-21T07:00:00Z", at(2))}) ==
        "x|null|0|null|2026-11-21T07:00:00Z|[]");
}

TEST_CASE("changes: a list keeps its latest elements, newest first") {
  const auto a = change(4, "1", at(1)), b = change(4, "2", at(2)), c = change(4, "3", at(3));
  CHECK(shown({a, b, c}) == "x|null|0|null|null|[3,2]");
  CHECK(shown({c, a, b}) == "x|null|0|null|null|[3,2]");
  CHECK(shown({c}) == "x|null|0|null|null|[3]");
}

TEST_CASE("changes: a row that is removed is gone, and begins anew afterwards") {
  const RowChange gone{RowChange::Kind::Remove, {"x"}, {}};
  const auto two = change(1, "2", at(2));
  CHECK(shown({change(1, "5", at(1)), gone}) == "");
  CHECK(shown({gone}) == "");
  CHECK(shown({change(1, "5", at(1)), gone, two}) == "x|null|2|null|null|[]");
  const auto renewed = compose(kTable, gone, two);
  CHECK(renewed.kind == RowChange::Kind::Renew);
  CHECK(shown({change(1, "5", at(1)), renewed}) == "x|null|2|null|null|[]");
  CHECK(compose(kTable, renewed, two).kind == RowChange::Kind::Renew);
  CHECK(shown({compose(kTable, renewed, two)}) == "x|null|4|null|null|[]");
  CHECK(compose(kTable, renewed, gone).kind == RowChange::Kind::Remove);
}

TEST_CASE("changes: a batch is netted to one change per key, in the order of keys") {
  auto other = change(1, "1", at(1));
  other.key = {"a"};
  const auto net = netted(kTable, {change(1, "5", at(1)), other, change(1, "6", at(2))});
  REQUIRE(net.size() == 2);
  CHECK(net[0].key == std::vector<std::string>{"a"});
  CHECK(net[1].columns[1].front().value == "11");
}

TEST_CASE("decimals: sums keep the decimals of the longer one and never round") {
  CHECK(decimal_sum("0.1", "0.2") == "0.3");
  CHECK(decimal_sum("19.90", "0.1") == "20.00");
  CHECK(decimal_sum("-1", "0.75") == "-0.25");
  CHECK(decimal_sum("0.75", "-1") == "-0.25");
  CHECK(decimal_sum("1.50", "-1.5") == "0.00");
  CHECK(decimal_sum("999999999999999999", "1") == "1000000000000000000");
  CHECK(decimal_sum("-9223372036854775808", "-1") == "-9223372036854775809");
  CHECK(decimal_sum("99999999999999999999.9", "0.1") == "100000000000000000000.0");
}

TEST_CASE("decimals: their order is that of numbers") {
  CHECK(compare_decimals("9", "10") < 0);
  CHECK(compare_decimals("-9", "-10") > 0);
  CHECK(compare_decimals("1.5", "1.50") == 0);
  CHECK(compare_decimals("-0.00", "0") == 0);
  CHECK(compare_decimals("-1", "0") < 0);
  CHECK(compare_decimals("0.09", "0.1") < 0);
}

TEST_CASE("decimals: random sums of cents are those of integers") {
  Random random(7);
  const auto written = [](std::int64_t cents) {
    const std::int64_t size = std::abs(cents);
    const std::string fraction = std::to_string(100 + size % 100).substr(1);
    return (cents < 0 ? "-" : "") + std::to_string(size / 100) + '.' + fraction;
  };
  for (int i = 0; i < 10'000; ++i) {
    const auto a = static_cast<std::int64_t>(random.below(2'000'000)) - 1'000'000;
    const auto b = static_cast<std::int64_t>(random.below(2'000'000)) - 1'000'000;
    INFO(written(a), " ", written(b));
    REQUIRE(decimal_sum(written(a), written(b)) == written(a + b));
    REQUIRE((compare_decimals(written(a), written(b)) < 0) == (a < b));
  }
}
