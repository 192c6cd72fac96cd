#include "api/replay/view_as_of.hpp"

#include <optional>

#include "api/replay/fresh_fold.hpp"
#include "api/replay/moment.hpp"
#include "api/replay/progress.hpp"
#include "eventstore/pg/scratch_view.hpp"

namespace skald::api {
namespace {

Result<views::FoldedView> definition_of(ViewLog& log, const std::string& name) {
  const auto generations = log.generations();
  if (!generations) return generations.error();
  const auto* found = generations->active(name);
  if (!found) found = generations->building(name);
  if (!found) return not_found("there is no view named " + name);
  if (!found->view) return conflict("this version cannot read the view " + name);
  return *found;
}

// The last place that counts. At a time: behind all that happened then.
Result<store::EventPlace> last_place(ViewLog& log, const ViewMoment& moment) {
  if (const auto* time = std::get_if<Timestamp>(&moment))
    return store::EventPlace{*time, {{UINT16_MAX}, INT64_MAX}};
  const auto position = std::get<Position>(moment);
  if (position.partition.number >= log.partition_count() || position.number < 1)
    return not_found("there is no event " + to_text(position));
  const auto events = log.page(position.partition, position.number - 1, 1);
  if (!events) return events.error();
  if (events->empty() || events->front().position != position)
    return not_found("there is no event " + to_text(position));
  return store::EventPlace{events->front().time, position};
}

// What a fold of the log cannot tell any more since sagas have left (retention).
Result<void> check_can_tell(ViewLog& log, const views::View& view, Timestamp time) {
  const auto left_before = log.left_before();
  if (!left_before) return left_before.error();
  if (!*left_before) return {};
  if (view.keeps_rows)
    return conflict("the view " + view.name() +
                    " keeps rows of sagas that have left the log: it cannot be folded again");
  if (time < **left_before)
    return conflict("sagas that ended before " + to_rfc3339(**left_before) +
                    " have left the log: no view can be shown as "
                    "it was before that");
  return {};
}

}  // namespace

Result<ViewAsOf> view_as_of(const std::string& conninfo, const std::string& view, const ViewMoment& moment,
                            const TakeRow& take) {
  auto log = ViewLog::open(conninfo);
  if (!log) return log.error();
  const auto folded = definition_of(*log, view);
  if (!folded) return folded.error();
  const auto last = last_place(*log, moment);
  if (!last) return last.error();
  if (const auto can = check_can_tell(*log, *folded->view, last->time); !can) return can.error();
  auto scratch = store::ScratchView::make(conninfo, *folded->table);
  if (!scratch) return scratch.error();
  const auto now = scratch->now();
  if (!now) return now.error();
  if (const auto come = check_has_come(last->time, *now); !come) return come.error();

  FreshFold fold(*log, *folded, [&](const auto& changes) { return scratch->merge(changes); });
  Progress progress("folding", "partitions", log->partition_count());
  for (std::uint16_t number = 0; number < log->partition_count(); ++number) {
    const auto later = fold.go_while({number}, [&](const store::EventPlace& place) { return place > *last; });
    if (!later) return later.error();
    if (const auto& poison = fold.poison())
      return conflict("the view " + view + " cannot take in event " + to_text(poison->place) + ": " +
                      poison->reason);
    if (const auto past = check_is_past(last->time, *now, *later); !past) return past.error();
    progress.add();
  }
  const auto shown = scratch->rows([&](auto cells) { return take(*folded->table, std::move(cells)); });
  if (!shown) return shown.error();
  return ViewAsOf{folded->table, fold.events()};
}

}  // namespace skald::api
