// Reading: answers questions about the rows of a view. Rows are of one generation at one moment; a switch in
// between, or a table that has gone, is tried again with what is active now. Whoever has written something
// names its position, and is answered when the view has passed it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "projections/runner.hpp"

namespace skald::views {

struct ViewQuery {
  std::string view;
  std::vector<std::string> key;                            // all columns of the key, or empty
  std::vector<std::pair<std::string, std::string>> equal;  // column and value, in the text of its type
  std::vector<std::string> behind;                         // the key of the row before the first
  std::size_t limit = 100;
  std::optional<Position> after;
  Duration patience = std::chrono::seconds(10);  // for `after`, and for a view that is being built
};

struct FoundRows {
  std::shared_ptr<const View> view;
  std::vector<std::vector<store::Cell>> rows;
};

class Reading {
 public:
  struct Parts {
    store::ViewStore& store;
    Runner& runner;
    std::function<void(Duration, std::function<void()>)> after;
    std::function<Timestamp()> now;  // of any clock that does not go back
  };
  explicit Reading(Parts parts) : parts_(std::move(parts)) {}

  // NotFound: no such view. Invalid: a column that cannot be asked for, or a value that is none of it.
  // Conflict: the view stands stopped before `after`. Unavailable: it has not come so far in time.
  void read(ViewQuery query, store::Done<FoundRows> done);

 private:
  struct Asked;
  using AskedPtr = std::shared_ptr<Asked>;
  void attempt(AskedPtr asked);
  void answered(AskedPtr asked, store::Generation generation, Result<store::ViewPage> page);
  static Duration next_pause(Asked& asked);
  void again(AskedPtr asked, const Error& otherwise);
  void wait_for_position(AskedPtr asked, store::Generation generation, const Error& otherwise);

  Parts parts_;
};

// What may be asked for with `equal`: a column of the key or of an index, with the first of one of them.
Result<std::vector<std::pair<std::size_t, std::string>>> columns_of(
    const store::ViewTable& table, const std::vector<std::pair<std::string, std::string>>& equal);

}  // namespace skald::views
