#include "sagas/explore/walk.hpp"

#include <deque>
#include <map>
#include <memory>

#include "engine/base/random.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/path.hpp"
#include "engine/core/plan.hpp"
#include "engine/core/render.hpp"
#include "sagas/explore/abridged.hpp"
#include "sagas/explore/effects.hpp"
#include "sagas/explore/expressions.hpp"
#include "sagas/explore/graph.hpp"
#include "sagas/explore/happenings.hpp"
#include "sagas/explore/situation.hpp"

namespace skald::sagas {
namespace {

// Where there are too many situations, histories with more troubles (refusals, lost answers, cancels …) than
// so many are left out, then more of them; most flaws show with one.
constexpr int kMostTroubles = 4;
constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;  // the chance that adds no jitter

// A log that shares its beginning with others.
struct Chapter {
  std::shared_ptr<const Chapter> before;
  std::vector<core::Event> events;
};

std::vector<core::Event> log_of(const Chapter* last) {
  std::vector<const Chapter*> chapters;
  for (; last; last = last->before.get()) chapters.push_back(last);
  std::vector<core::Event> log;
  for (auto chapter = chapters.rbegin(); chapter != chapters.rend(); ++chapter)
    log.insert(log.end(), (*chapter)->events.begin(), (*chapter)->events.end());
  return log;
}

// A situation that is not looked at yet, as the history has it that came there first.
struct Point {
  Graph::Index index = 0;
  core::State state;
  Timestamp now;
  std::size_t input = 0;
  int troubles_left = 0;
  std::shared_ptr<const Chapter> chapter;
};

class Walker {
 public:
  Walker(const core::Definition& definition, const Samples& samples, const WalkOptions& options,
         std::optional<int> most_troubles)
      : definition_(definition),
        samples_(samples),
        options_(options),
        most_troubles_(most_troubles),
        expressions_(expressions_of(definition)),
        situations_(definition),
        graph_("start") {
    walk_.most_troubles = most_troubles;
  }

  Walk walk() {
    start();
    while (!points_.empty() && walk_.complete) {
      const Point point = std::move(points_.front());
      points_.pop_front();
      look_at(point);
    }
    count();
    return std::move(walk_);
  }

 private:
  void start() {
    for (std::size_t i = 0; i < samples_.inputs.size(); ++i) {
      const Json& input = samples_.inputs[i];
      Point point;
      Random random(1);
      point.state.id = new_saga_id(kExploredFrom, Partition{0}, random);
      point.now = kExploredFrom;
      point.input = i;
      point.troubles_left = most_troubles_.value_or(0);
      Happening begin;
      begin.words = samples_.inputs.size() > 1 ? "started with " + input.dump() : "";
      begin.input = core::StartRequested{input, key_of(input), std::nullopt, "", "", std::nullopt, Json()};
      begin.now = kExploredFrom;
      follow(point, begin);
    }
  }
  std::string key_of(const Json& input) const {
    if (!definition_.business_key) return "key";
    const auto value = definition_.business_key->evaluate(Json::object({{"input", input}}));
    const auto text = value ? core::business_key_text(*value) : Result<std::string>(value.error());
    return text ? *text : "key";
  }

  void look_at(const Point& point) {
    if (options_.witness) options_.witness(definition_, log_of(point.chapter.get()));
    bool answers = false, deadline = false, cancelled = false;
    for (const Happening& happening : happenings(definition_, samples_, point.state, point.now)) {
      const bool unneeded = happening.kind == Happening::Kind::CancelOn && cancelled;
      const bool happened = !unneeded && follow(point, happening);
      cancelled = cancelled || (happened && happening.kind == Happening::Kind::Cancel);
      deadline = deadline || (happened && happening.kind == Happening::Kind::Deadline);
      answers = answers || (happened && happening.kind < Happening::Kind::Deadline);
    }
    if (!answers || point.state.phase == core::Phase::Ended) stand_still(point, deadline);
  }

  // Whether it can happen.
  bool follow(const Point& from, const Happening& happening) {
    Point to = from;
    to.now = happening.now;
    std::vector<core::Event> events;
    if (happening.input) {
      auto decision =
          core::decide(definition_, from.state, *happening.input, {happening.now, kMiddle, 1, {}});
      if (!decision) return refuse(happening, decision.error());
      if (!is_of_use(happening, from.state, decision->after)) return false;
      to.state = std::move(decision->after);
      events = std::move(decision->events);
    }
    if (happening.trouble && most_troubles_ && to.troubles_left-- == 0) return true;
    note(to.state, events);
    arrive(from, std::move(to), happening.words, std::move(events));
    return true;
  }
  bool refuse(const Happening& happening, const Error& error) {
    const bool may_be =
        happening.kind == Happening::Kind::Cancel || happening.kind == Happening::Kind::CancelOn;
    if (!may_be) walk_.faults.push_back(happening.words + ": this answer is refused: " + error.message);
    return false;
  }
  // An event that nobody takes would only be kept.
  static bool is_of_use(const Happening& happening, const core::State& before, const core::State& after) {
    if (happening.kind == Happening::Kind::Event) return after.kept.size() <= before.kept.size();
    if (happening.kind == Happening::Kind::CancelOn) return after.is_undoing();
    return true;
  }
  void arrive(const Point& from, Point to, const std::string& words, std::vector<core::Event> events) {
    std::string key = std::to_string(to.input) + ' ' + situations_.of(to.state, to.now);
    if (most_troubles_) key += std::to_string(to.troubles_left);
    const auto [index, fresh] = graph_.lead(from.index, key, words, events.size());
    if (!fresh) return;
    to.index = index;
    if (!events.empty())
      to.chapter = std::make_shared<const Chapter>(Chapter{from.chapter, std::move(events)});
    points_.push_back(std::move(to));
    if (graph_.size() > options_.most_situations) walk_.complete = false;
  }

  void note(const core::State& after, const std::vector<core::Event>& events) {
    for (const core::Event& event : events) {
      if (const auto* requested = std::get_if<core::StepRequested>(&event.fact))
        walk_.begun.insert(std::string(core::id_of(requested->step)));
      if (const auto* failed = std::get_if<core::StepFailed>(&event.fact);
          failed && failed->error.type == core::problem_type::kExpression)
        note_failing(after, failed->step, false, failed->error);
      if (const auto* failed = std::get_if<core::CompensationFailed>(&event.fact);
          failed && failed->attempts == 0)
        note_failing(after, failed->step, true, failed->error);
    }
  }
  // An expression that fails where all that it reads is there: the values that were made up are to blame.
  void note_failing(const core::State& state, const core::StepPath& path, bool undo,
                    const core::Problem& error) {
    if (!reads_absent(definition_, state, path, reads_of(expressions_, definition_, path, undo)))
      walk_.unmade.insert((undo ? "undo of " : "") + std::string(core::id_of(path)) + ": " + error.detail);
  }

  // An end; or it waits for an event that nobody can make up, or for its deadline; or Skald has forgotten it.
  void stand_still(const Point& point, bool deadline) {
    const core::State& state = point.state;
    if (state.phase == core::Phase::Ended || state.phase == core::Phase::Stuck) return end(point);
    bool waits = deadline;
    for (const auto& [path, nothing] : state.open) {
      if (state.find_step(path)->waiting != "event") continue;
      walk_.unmade.insert(std::string(core::id_of(path)) + ": no event could be made up that it takes");
      waits = true;
    }
    if (!waits) fault(point, "nothing is outstanding, and the saga has not ended");
  }
  void end(const Point& point) {
    check_end(point);
    ends_.push_back(point.index);
    walk_.ends.push_back({point.state, 0, {}});
  }
  void check_end(const Point& point) {
    if (point.state.phase != core::Phase::Ended) return;
    if (!core::plan(definition_, point.state).empty()) fault(point, "something is outstanding after the end");
    const std::string status = core::status_of(point.state);
    if (status != "compensated" && status != "cancelled") return;
    for (const core::StepPath& path : standing(definition_, point.state))
      if (declares_undo(*definition_.find_step(core::id_of(path))))
        fault(point, status + ", and " + path + " is not undone");
  }
  void fault(const Point& point, std::string what) {
    for (const std::string& words : graph_.first_way(point.index)) what += "; " + words;
    walk_.faults.push_back(std::move(what));
  }

  void count() {
    const auto ways = graph_.count_ways(kMostHistories);
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      walk_.ends[i].histories = ways[ends_[i]];
      walk_.ends[i].story = graph_.first_way(ends_[i]);
      walk_.histories = std::min(kMostHistories, walk_.histories + ways[ends_[i]]);
    }
    auto longest = graph_.longest_way(ends_);
    walk_.longest_events = longest.events;
    walk_.longest = std::move(longest.words);
    walk_.situations = graph_.size();
  }

  const core::Definition& definition_;
  const Samples& samples_;
  const WalkOptions& options_;
  const std::optional<int> most_troubles_;
  const std::vector<Expression> expressions_;
  const Situations situations_;
  Graph graph_;
  std::deque<Point> points_;
  std::vector<Graph::Index> ends_;
  Walk walk_;
};

}  // namespace

Walk walk(const core::Definition& definition, const Samples& samples, const WalkOptions& options) {
  const core::Definition walked = abridged(definition);
  std::optional<int> most_troubles;
  for (int next = kMostTroubles;; --next) {
    Walker walker(walked, samples, options, most_troubles);
    Walk walk = walker.walk();
    if (walk.complete || most_troubles == 1) return walk;
    most_troubles = next;
  }
}

}  // namespace skald::sagas
