#include "tests/simulation/run.hpp"

#include <stdexcept>

#include "projections/builtin.hpp"
#include "sagas/definition_loader.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/people.hpp"
#include "tests/simulation/random_saga.hpp"
#include "tests/simulation/steps_view.hpp"
#include "tests/simulation/view_checks.hpp"
#include "tests/simulation/workers.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPartitions = 8;
// Accepted work that a service forgot in phase one is found out by the next poll, and then the retry waits.
constexpr Duration kLongestPoll = 60s;
// "within the longest timeout + 30 s" (I3). Steps of all kinds wait one after the other, and for each other.
constexpr Duration kBound = kLongestPoll + kLongestWait + 30s;
constexpr Duration kBoundOfAllKinds = 10 * kBound;
// That a lane takes. With few, starts of clients are refused, and what sagas ask for must come to pass all
// the same.
constexpr std::size_t kFewSagas = 2, kManySagas = 1'000;
// Of so many turns of views one is their last.
constexpr std::uint64_t kTurnsOfViews = 1'000;
// Between two polls of the workers.
constexpr Duration kOftenPolled = 400ms;
// Dead nodes' partitions have found new owners by then: 3 s of silence and a beat.
constexpr Duration kUntilPunctual = 8s;
// What is still on its way when all sagas have settled: late requests, undos beside a stuck one, starts that
// their clients repeat.
constexpr Duration kAftermath = 60s;
// Views that were told nothing of the last events look at the end of the log every second, and believe it at
// the second look.
constexpr Duration kUntilFolded = 5s;

class Run {
 public:
  Run(std::uint64_t seed, runtime::Metrics& metrics, std::function<void(const std::string&)> tell)
      : around_(seed),
        all_kinds_(!around_.chance.one_in(3)),
        store_([this] { return around_.database_now(); }, kPartitions),
        catalog_(write_definitions()),
        witness_(around_, store_, *catalog_),
        views_(seed, around_, store_),
        services_(around_, witness_),
        house_{around_,
               witness_,
               services_,
               store_,
               views_,
               metrics,
               catalog_,
               [this](Partition p) { return owner_of(p); },
               around_.chance.one_in(4) ? kFewSagas : kManySagas},
        clients_(house_, names_, {[this] { return any_lane(); }, house_.owner_of}),
        people_(house_, {[this] { return any_lane(); }, house_.owner_of}),
        workers_(house_, services_.ledger()) {
    if (tell)
      around_.tell = [this, tell](const std::string& line) {
        tell(skald::to_text(around_.now - begin_) + " " + line);
      };
  }

  Outcome live() {
    const std::size_t nodes = around_.chance.between(std::size_t{2}, 3);
    for (std::size_t i = 0; i < nodes; ++i) start_node(std::string(1, static_cast<char>('a' + i)));
    const Duration trouble = around_.chance.between(20s, 90s);
    plan_trouble(trouble);
    if (all_kinds_) have_tasks_polled();
    pass(trouble);
    make_peace();
    const Duration settled_after = settle();
    const Evidence evidence{around_, store_, witness_, services_.ledger(), clients_};
    check_all(evidence);
    workers_.check_words();
    people_.check_words();
    let_views_come_to_the_end();
    const std::size_t rows = check_views(views_, evidence, *catalog_);
    return outcome(settled_after, rows);
  }

 private:
  // --- what there is

  std::shared_ptr<const sagas::Catalog> write_definitions() {
    auto catalog = std::make_shared<sagas::Catalog>();
    const std::size_t count = around_.chance.between(std::size_t{1}, 3);
    const SagaTraits traits{all_kinds_, all_kinds_ ? "child" : "", false};
    for (std::size_t i = 0; i < count; ++i) {
      names_.push_back("random-" + std::to_string(i));
      write(*catalog, names_.back(), traits);
    }
    if (!all_kinds_) return catalog;
    // A child has none of its own, and who begins by an event does not emit it: so there is an end.
    write(*catalog, "child", {around_.chance.one_in(2), "", true});
    if (around_.chance.one_in(2)) write(*catalog, "listener", {around_.chance.one_in(2), "child", true});
    return catalog;
  }
  void write(sagas::Catalog& catalog, const std::string& name, const SagaTraits& traits) {
    sources_.push_back(random_saga(around_.chance, name, traits));
    auto loaded = sagas::load_definition(sources_.back(), name + ".saga.yaml", nullptr);
    if (!loaded.definition)
      throw std::logic_error("a random saga is not valid:\n" + sources_.back() + faults_of(loaded));
    loaded.definition->version = 1;
    catalog.add(std::move(*loaded.definition), sources_.back(), around_.now);
  }
  static std::string faults_of(const sagas::LoadedDefinition& loaded) {
    std::string text;
    for (const auto& fault : loaded.faults) text += sagas::to_text(fault) + "\n";
    return text;
  }

  void start_node(const std::string& name) { nodes_.push_back(std::make_unique<Node>(house_, name)); }

  std::vector<LaneOfNode*> lanes() {
    std::vector<LaneOfNode*> all;
    for (const auto& node : nodes_)
      for (const auto& lane : node->lanes) all.push_back(lane.get());
    return all;
  }
  // A client does not know which node is frozen.
  LaneOfNode* any_lane() {
    const auto all = lanes();
    return all.empty() ? nullptr : around_.chance.pick(all);
  }
  LaneOfNode* owner_of(Partition partition) {
    for (LaneOfNode* lane : lanes())
      if (lane->lane().owns(partition)) return lane;
    return nullptr;
  }

  // --- time

  // Takes every turn that can be taken, then lets time pass until the next thing is due.
  void pass(Duration span) {
    const Timestamp end = around_.now + span;
    while (true) {
      while (take_a_turn()) {
      }
      const Timestamp next = std::min(next_due(), end);
      around_.now = std::max(around_.now, next);
      if (next == end) return;
      around_.agenda.run_due(around_.now);
      for (Node* node : living()) {
        for (const auto& lane : node->lanes) lane->run_timers();
        node->views.run_timers();
      }
    }
  }

  std::vector<Node*> living() {
    std::vector<Node*> all;
    for (const auto& node : nodes_)
      if (!node->frozen) all.push_back(node.get());
    return all;
  }

  bool take_a_turn() {
    const bool views_have_turned = views_.chance.one_in(2) && take_a_turn_of_views();
    return take_a_turn_of_lanes() || views_have_turned || take_a_turn_of_views();
  }

  bool take_a_turn_of_lanes() {
    std::vector<std::pair<Node*, LaneOfNode*>> ready;
    for (Node* node : living())
      for (const auto& lane : node->lanes)
        if (lane->has_turn()) ready.push_back({node, lane.get()});
    if (ready.empty()) return false;
    const auto [node, lane] = around_.chance.pick(ready);
    const std::size_t before = witness_.events();
    lane->take_turn();
    const bool wrote = witness_.events() != before;
    if (around_.faulty && around_.chance.one_in(wrote ? 60 : 1'200)) kill(*node);
    return true;
  }

  bool take_a_turn_of_views() {
    std::vector<Node*> ready;
    for (Node* node : living())
      if (node->views.has_turn()) ready.push_back(node);
    if (ready.empty()) return false;
    NodeViews& views = views_.chance.pick(ready)->views;
    views.take_turn();
    if (views_.hit_by(Fault::ViewsKilled, kTurnsOfViews)) views.die();
    return true;
  }

  // Nothing happens to sagas meanwhile.
  void let_views_come_to_the_end() {
    const Timestamp end = around_.now + kUntilFolded;
    while (around_.now < end) {
      while (take_a_turn_of_views()) {
      }
      around_.now = std::min(next_due_of_views(), end);
      for (Node* node : living()) node->views.run_timers();
    }
  }

  Timestamp next_due_of_views() {
    Timestamp next{std::numeric_limits<std::int64_t>::max()};
    for (Node* node : living()) next = std::min(next, node->views.next_due().value_or(next));
    return next;
  }

  Timestamp next_due() {
    Timestamp next = next_due_of_views();
    if (const auto due = around_.agenda.next_due()) next = *due;
    for (Node* node : living())
      for (const auto& lane : node->lanes)
        if (const auto due = lane->next_due()) next = std::min(next, *due - around_.database_ahead);
    return next;
  }

  // --- trouble

  void plan_trouble(Duration trouble) {
    Chance& chance = around_.chance;
    const auto sometime = [&](std::function<void()> act) {
      around_.after(chance.between(0s, trouble), std::move(act));
    };
    const auto often = [&](std::size_t most, const std::function<void()>& act) {
      for (std::size_t i = chance.below(most + 1); i > 0; --i) sometime(act);
    };
    for (std::size_t i = chance.between(std::size_t{8}, 30); i > 0; --i) {
      const Duration when = chance.between(0s, trouble / 2);
      around_.after(when, [this] { clients_.start(); });
      if (chance.one_in(2)) around_.after(when + chance.between(1ms, 300ms), [this] { clients_.cancel(); });
    }
    often(3, [this] { clients_.cancel(); });
    if (all_kinds_) {
      often(8, [this] { people_.signal(); });
      often(4, [this] { people_.send_event(); });
    }
    if (all_kinds_ || chance.one_in(2)) often(8, [this] { people_.operate(); });
    often(2, [this] { freeze(); });
    often(2, [this] { revoke_writer(); });
    often(2, [this] { lose_database(); });
    if (chance.one_in(4)) sometime([this] { jump_clock(); });
    plan_views(trouble);
  }

  // Some views are there from the beginning, others come to a log that has events; any may be built anew.
  void plan_views(Duration trouble) {
    std::vector<const views::View*> all = {&steps_view()};
    for (const auto& view : views::builtin_views()) all.push_back(&view);
    Chance& chance = views_.chance;
    for (const views::View* view : all) {
      const Duration put = chance.one_in(2) ? Duration(0) : chance.between(0s, trouble / 2);
      around_.after(put, [this, view] { put_view(*view, false); });
      if (!chance.one_in(4)) continue;
      around_.after(chance.between(trouble / 2, trouble), [this, view] {
        around_.faults.hit(Fault::ViewRebuilt);
        put_view(*view, true);
      });
    }
  }
  void put_view(const views::View& view, bool again) {
    views_.kept.put({view.table, view.hash, view.source, again, view.keeps_rows});
  }

  void have_tasks_polled() {
    if (LaneOfNode* lane = any_lane()) workers_.poll(*lane);
    if (!around_.faulty)
      for (LaneOfNode* lane : lanes()) workers_.poll(*lane);
    around_.after(kOftenPolled, [this] { have_tasks_polled(); });
  }

  void kill(Node& node) {
    around_.faults.hit(Fault::NodeKilled);
    const std::string name = node.name;
    if (around_.tell) around_.tell("node " + name + " is killed");
    std::erase_if(nodes_, [&](const auto& one) { return one.get() == &node; });
    around_.after(around_.chance.between(0s, 6s), [this, name] { restart(name); });
  }
  void restart(const std::string& name) {
    if (around_.tell) around_.tell("node " + name + " starts again");
    start_node(name);
  }

  void freeze() {
    if (nodes_.empty()) return;
    Node& node = *nodes_[around_.chance.below(nodes_.size())];
    if (node.frozen || !around_.faulty) return;
    around_.faults.hit(Fault::NodeFrozen);
    if (around_.tell) around_.tell("node " + node.name + " freezes");
    node.frozen = true;
    around_.after(around_.chance.between(1s, 30s), [this, name = node.name] { thaw(name); });
  }
  void thaw(const std::string& name) {
    for (const auto& node : nodes_)
      if (node->name == name && node->frozen) {
        if (around_.tell) around_.tell("node " + name + " wakes");
        node->frozen = false;
      }
  }

  // Somebody takes a living writer for dead.
  void revoke_writer() {
    std::vector<std::int32_t> writers;
    for (std::uint16_t number = 0; number < kPartitions; ++number) {
      const auto events = store_.read_partition({number}, 0, 1'000'000);
      if (!events.empty() && store_.stands(events.back().writer)) writers.push_back(events.back().writer);
    }
    if (writers.empty()) return;
    around_.faults.hit(Fault::WriterRevoked);
    const std::int32_t writer = around_.chance.pick(writers);
    if (around_.tell) around_.tell("writer " + std::to_string(writer) + " is revoked");
    store_.revoke(writer);
  }

  void lose_database() {
    const bool for_all = around_.chance.one_in(2);
    const Duration span = around_.chance.between(200ms, 6s);
    if (around_.tell)
      around_.tell(std::string("the database is away for ") + (for_all ? "all, " : "some, ") +
                   skald::to_text(span));
    for (LaneOfNode* lane : lanes())
      if (for_all || around_.chance.one_in(3)) lane->log().stay_away(span);
  }

  void jump_clock() {
    around_.faults.hit(Fault::ClockJumped);
    const Duration span = around_.chance.one_in(2) ? around_.chance.between(1s, 60s) : Duration(1h);
    if (around_.tell) around_.tell("the database's clock jumps by " + skald::to_text(span));
    around_.database_ahead += span;
  }

  // --- peace

  void make_peace() {
    if (around_.tell) around_.tell("--- from here on nothing goes wrong");
    around_.faulty = false;
    for (const auto& node : nodes_) node->frozen = false;
    services_.expect_punctuality(around_.database_now() + kUntilPunctual);
  }

  // How long it took until every saga had ended or was stuck. And again, for what was still on its way then.
  Duration settle() {
    const Duration settled_after = come_to_rest();
    pass(kAftermath);
    come_to_rest();
    return settled_after;
  }
  Duration come_to_rest() {
    const Timestamp since = around_.now;
    const Duration bound = all_kinds_ ? kBoundOfAllKinds : kBound;
    while (!is_settled(store_) && around_.now - since < bound) {
      people_.help();
      pass(1s);
    }
    const Duration settled_after = around_.now - since;
    if (!is_settled(store_))
      around_.violated("I3", "not every saga has come to rest within " + skald::to_text(bound));
    return settled_after;
  }

  Outcome outcome(Duration settled_after, std::size_t rows) const {
    Outcome outcome{.violations = around_.violations,
                    .log_hash = hash_of(store_),
                    .view_hash = hash_of(views_.kept),
                    .faults = around_.faults,
                    .starts_acknowledged = clients_.acknowledged(),
                    .sagas = witness_.sagas().size(),
                    .events = witness_.events(),
                    .comparisons = witness_.comparisons(),
                    .view_rows = rows,
                    .ends = {},
                    .steps = {},
                    .simulated = around_.now - begin_,
                    .settled_after = settled_after,
                    .definitions = sources_};
    for (const auto& [id, saga] : witness_.sagas()) {
      ++outcome.ends[core::status_of(saga.folded)];
      for (const auto& [path, step] : saga.folded.steps)
        if (step.forward == core::Forward::Succeeded) ++outcome.steps[step.kind];
    }
    return outcome;
  }

  Surroundings around_;
  const bool all_kinds_;  // of steps; else http alone
  const Timestamp begin_ = around_.now;
  store::MemoryStore store_;
  std::vector<std::string> names_, sources_;
  std::shared_ptr<const sagas::Catalog> catalog_;
  Witness witness_;
  SharedViews views_;
  Services services_;
  House house_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Clients clients_;
  People people_;
  Workers workers_;
};

}  // namespace

Outcome run(std::uint64_t seed, runtime::Metrics& metrics, std::function<void(const std::string&)> tell) {
  return Run(seed, metrics, std::move(tell)).live();
}

}  // namespace skald::simulation
