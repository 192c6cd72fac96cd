// FreshFold: folds a view once more from the whole log, with the very fold of the runner, and hands what
// comes of it to somebody who merges it. Blocking, beside the engine, page by page; its memory is a page and
// the states of the sagas in it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/replay/progress.hpp"
#include "eventstore/pg/archive.hpp"
#include "eventstore/pg/pg_view_store.hpp"
#include "projections/generations.hpp"
#include "projections/saga_states.hpp"

namespace skald::api {

// The registry of views and the log, one answer after the other.
class ViewLog {
 public:
  static Result<ViewLog> open(const std::string& conninfo);

  // As they are now.
  Result<views::Generations> generations();
  Result<std::vector<store::StoredEvent>> page(Partition partition, std::int64_t after, std::size_t limit);
  Result<void> prepare(views::SagaStates& states, const std::vector<views::ViewEventPtr>& events);
  Result<std::shared_ptr<const sagas::Catalog>> catalog();
  // Only below it positions may be missing, of sagas that left (retention).
  Result<std::int64_t> kept_below() { return archive_.kept_below(); }
  // Whether sagas have left since that generation was made: it may tell of them, and no fold can any more.
  Result<bool> tells_of_the_gone(store::Generation generation);
  // Sagas that ended before this may have left; none: nothing ever left.
  Result<std::optional<Timestamp>> left_before();
  store::ViewStore& store() { return *store_; }
  std::uint16_t partition_count() const { return archive_.partition_count(); }

 private:
  ViewLog(store::Archive archive, const std::string& conninfo);
  template <class T, class Ask>
  Result<T> await(Ask ask);

  store::Archive archive_;
  std::shared_ptr<const sagas::Catalog> catalog_;
  std::string known_definitions_;  // how many are in it
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<store::PgViewStore> store_;
};

class FreshFold {
 public:
  using Merge = std::function<Result<void>(const std::vector<store::RowChange>&)>;
  // An event that the view cannot take in; it ends there.
  struct Poison {
    Position place;
    std::string reason;
  };

  FreshFold(ViewLog& log, views::FoldedView view, Merge merge);

  // Goes on in each partition, up to and with that position.
  Result<void> go_to(const std::vector<std::int64_t>& positions);
  // Goes on in that partition as long as events are not beyond; whether one was met that is.
  Result<bool> go_while(Partition partition, const std::function<bool(const store::EventPlace&)>& is_beyond);
  // Events may be left out from here on that were not before.
  void know_better(views::FoldedView view) { view_ = std::move(view); }

  std::uint64_t events() const { return events_; }
  const std::optional<Poison>& poison() const { return poison_; }

 private:
  // Not beyond `up_to`. How many events it took.
  Result<std::size_t> fold_page(Partition partition, std::size_t limit, std::int64_t up_to,
                                const std::function<bool(const store::EventPlace&)>& is_beyond);
  Result<void> check_whole(const std::vector<store::StoredEvent>& events, Position after) const;
  Result<void> fold(const std::vector<views::ViewEventPtr>& events);
  Result<void> stop_at(const views::ViewEvent& event, const Error& why);
  Result<void> learn();

  ViewLog& log_;
  views::FoldedView view_;
  Merge merge_;
  std::shared_ptr<const sagas::Catalog> catalog_;
  views::SagaStates states_;
  std::int64_t kept_below_ = 1;
  std::map<Partition, std::int64_t> at_;
  std::uint64_t events_ = 0;
  std::optional<Poison> poison_;
};

}  // namespace skald::api
