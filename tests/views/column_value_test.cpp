// What fits a column, and what PostgreSQL is given for it.
#include "projections/column_value.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace skald::views;
using store::ColumnType;
using store::Merge;

namespace {

// "null" where there is none; "!" where it does not fit.
std::string kept(ColumnType type, const std::string& json, Merge merge = Merge::Replace) {
  const auto cell = column_value({"c", type, merge, 0}, *parse_json(json));
  if (!cell) return "!";
  return *cell ? **cell : "null";
}

}  // namespace

TEST_CASE("columns: null fits every type") {
  for (const auto type : {ColumnType::Text, ColumnType::Integer, ColumnType::Bigint, ColumnType::Numeric,
                          ColumnType::Boolean, ColumnType::Timestamptz, ColumnType::Uuid, ColumnType::Jsonb})
    CHECK(kept(type, "null") == "null");
}

TEST_CASE("columns: a text column takes every single value by its text") {
  CHECK(kept(ColumnType::Text, R"("abc")") == "abc");
  CHECK(kept(ColumnType::Text, R"("")") == "");
  CHECK(kept(ColumnType::Text, "1.10") == "1.10");
  CHECK(kept(ColumnType::Text, "true") == "true");
  CHECK(kept(ColumnType::Text, "[]") == "!");
  CHECK(kept(ColumnType::Text, "{}") == "!");
}

TEST_CASE("columns: integers are whole and within their type") {
  CHECK(kept(ColumnType::Integer, "2147483647") == "2147483647");
  CHECK(kept(ColumnType::Integer, "-2147483648") == "-2147483648");
  CHECK(kept(ColumnType::Integer, "2147483648") == "!");
  CHECK(kept(ColumnType::Bigint, "9223372036854775807") == "9223372036854775807");
  CHECK(kept(ColumnType::Bigint, "9223372036854775808") == "!");
  CHECK(kept(ColumnType::Bigint, "9007199254740993") == "9007199254740993");
  CHECK(kept(ColumnType::Integer, "5.0") == "5");
  CHECK(kept(ColumnType::Integer, "1e3") == "1000");
  CHECK(kept(ColumnType::Integer, "-0") == "0");
  CHECK(kept(ColumnType::Integer, R"("007")") == "7");
  CHECK(kept(ColumnType::Integer, "5.5") == "!");
  CHECK(kept(ColumnType::Integer, R"("5x")") == "!");
  CHECK(kept(ColumnType::Integer, R"("")") == "!");
  CHECK(kept(ColumnType::Integer, R"("+5")") == "!");
  CHECK(kept(ColumnType::Integer, "true") == "!");
}

TEST_CASE("columns: a numeric keeps its decimals, whatever a double would make of them") {
  CHECK(kept(ColumnType::Numeric, "19.90") == "19.90");
  CHECK(kept(ColumnType::Numeric, "0.1") == "0.1");
  CHECK(kept(ColumnType::Numeric, R"("-12.50")") == "-12.50");
  CHECK(kept(ColumnType::Numeric, "123456789012345678901234567890.5") == "123456789012345678901234567890.5");
  CHECK(kept(ColumnType::Numeric, "1.5e3") == "1500");
  CHECK(kept(ColumnType::Numeric, "1.50e1") == "15.0");
  CHECK(kept(ColumnType::Numeric, "15e-3") == "0.015");
  CHECK(kept(ColumnType::Numeric, "0e5") == "0");
  CHECK(kept(ColumnType::Numeric, R"("00012")") == "12");
  CHECK(kept(ColumnType::Numeric, R"("-0.00")") == "0.00");
  CHECK(kept(ColumnType::Numeric, "1e308") == "1" + std::string(308, '0'));
  for (const char* unfit : {R"("abc")", R"("1.")", R"(".5")", R"("1e")", R"("1e5000")", R"("1e-5000")",
                            R"("1e99999999999999999999")", R"("1e+-5")", R"("1e-9223372036854775808")",
                            R"(" 1")", R"("NaN")", R"("1 2")"})
    CHECK_MESSAGE(kept(ColumnType::Numeric, unfit) == "!", unfit);
}

TEST_CASE("columns: of equal numerics with different decimals max and min keep one form") {
  CHECK(kept(ColumnType::Numeric, "1.00", Merge::Max) == "1");
  CHECK(kept(ColumnType::Numeric, "1.50", Merge::Min) == "1.5");
  CHECK(kept(ColumnType::Numeric, "100", Merge::Max) == "100");
}

TEST_CASE("columns: booleans, times and uuids have one form") {
  CHECK(kept(ColumnType::Boolean, "true") == "true");
  CHECK(kept(ColumnType::Boolean, R"("false")") == "false");
  CHECK(kept(ColumnType::Boolean, "1") == "!");
  CHECK(kept(ColumnType::Boolean, R"("yes")") == "!");
  CHECK(kept(ColumnType::Timestamptz, R"("2026-11-21T08:00:00+01:00")") == "2026-11-21T07:00:00Z");
  CHECK(kept(ColumnType::Timestamptz, R"("2026-11-21T07:00:00.5Z")") == "2026-11-21T07:00:00.500000Z");
  CHECK(kept(ColumnType::Timestamptz, R"("2026-11-21")") == "!");
  CHECK(kept(ColumnType::Timestamptz, R"("0000-06-01T00:00:00Z")") == "!");
  CHECK(kept(ColumnType::Timestamptz, R"("0001-01-01T00:00:00+10:00")") == "!");
  CHECK(kept(ColumnType::Timestamptz, R"("9999-12-31T23:59:59-10:00")") == "!");
  CHECK(kept(ColumnType::Timestamptz, "1763708400") == "!");
  CHECK(kept(ColumnType::Uuid, R"("0198C1F2-0000-7000-8000-00000000003F")") ==
        "0198c1f2-0000-7000-8000-00000000003f");
  CHECK(kept(ColumnType::Uuid, R"("abc")") == "!");
}

TEST_CASE("columns: jsonb takes any value whose numbers PostgreSQL can keep") {
  CHECK(kept(ColumnType::Jsonb, R"({"b":[1,"x",null],"a":1.10})") == R"({"b":[1,"x",null],"a":1.10})");
  CHECK(kept(ColumnType::Jsonb, R"("x")") == R"("x")");
  CHECK(kept(ColumnType::Jsonb, R"([{"a":1e-300000}])") == "!");
}

TEST_CASE("columns: what does not fit is told with its type and not at length") {
  const auto fault =
      column_value({"c", ColumnType::Integer, Merge::Replace, 0}, Json(std::string(10'000, 'x')));
  REQUIRE(!fault);
  CHECK(fault.error().message.size() < 200);
  CHECK(column_value({"c", ColumnType::Uuid, Merge::Replace, 0}, Json("ü")).error().message ==
        "\"ü\" does not fit a column of type uuid");
}
