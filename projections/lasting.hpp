// Lasting: which values of a batch last. Where the last event of a saga sets a column, what the events before
// it would have set there need not be computed; where it removes the row, nothing of them. The rows are the
// same with and without it (`replay verify` folds without).
//
// Only of views whose values cannot fail (View::skips_overwritten): one that is not computed cannot stop its
// view, and every fold has to stop at the same event.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "projections/view.hpp"
#include "projections/view_event.hpp"

namespace skald::views {

// Columns of a view, and its row as a whole: what of an event is worth computing.
class Wanted {
 public:
  static Wanted all() { return Wanted(~std::uint64_t{0}); }
  static Wanted none() { return Wanted(0); }

  bool column(std::size_t index) const { return (bits_ >> bit_of(index) & 1) != 0; }
  bool row() const { return column(kOthers); }
  // A rule counts by its columns; one without any, as one that removes, by the row.
  bool rule(const Rule& rule) const;

  void leave_out(std::size_t index) {
    if (index < kOthers) bits_ &= ~(std::uint64_t{1} << index);
  }

 private:
  explicit Wanted(std::uint64_t bits) : bits_(bits) {}
  // The row and the columns from here on share a bit: these are never left out one by one.
  static constexpr std::size_t kOthers = 63;
  static std::size_t bit_of(std::size_t index) { return std::min(index, kOthers); }
  std::uint64_t bits_;
};

// For each event of the batch, which holds each partition's in their order.
std::vector<Wanted> lasting(const View& view, const std::vector<ViewEventPtr>& events);

}  // namespace skald::views
