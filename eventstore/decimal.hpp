// Numbers as PostgreSQL's numeric: exact decimal texts ("-12.50"), without exponent and without the rounding
// of a double. What sums of views and their order are made of.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace skald::store {

// As PostgreSQL adds: the result has as many decimals as the one that has more of them.
std::string decimal_sum(std::string_view a, std::string_view b);

std::strong_ordering compare_decimals(std::string_view a, std::string_view b);

}  // namespace skald::store
