#include "tests/runtime/views_world.hpp"

#include <doctest/doctest.h>

#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "projections/fold.hpp"
#include "projections/view_loader.hpp"

namespace skald::test {
namespace {

views::View loaded(const std::string& yaml) {
  auto view = views::load_view(yaml, "test.view.yaml", nullptr);
  for (const auto& fault : view.faults)
    if (!fault.warning) FAIL(sagas::to_text(fault));
  REQUIRE(view.view);
  return std::move(*view.view);
}

bool names(const store::ViewBatch& batch, const std::string& text) {
  for (const auto& view : batch.views)
    for (const auto& row : view.rows)
      for (const auto& column : row.columns)
        for (const auto& value : column)
          if (value.value == text) return true;
  return false;
}

}  // namespace

void PickyViews::apply(store::ViewBatch batch, std::function<void(store::ViewApplied)> done) {
  batches.push_back(batch.views.size());
  if (away || (!refused.empty() && names(batch, refused))) {
    store::ViewApplied answer = store::ViewDataRefused{"no such thing"};
    if (away) answer = store::ViewsUnavailable{"the test took the database away"};
    heads({}, [done, answer](auto) { done(answer); });  // later, as any answer
    return;
  }
  MemoryViewStore::apply(std::move(batch), std::move(done));
}

void PickyViews::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                                store::Done<std::vector<store::StoredEvent>> done) {
  ++pages;
  MemoryViewStore::read_partition(partition, after, limit, std::move(done));
}

ViewsWorld::Process::Process(ViewsWorld& world)
    : store(world.views,
            [&world](std::function<void()> act) { world.world.posted.push_back(std::move(act)); }),
      runner({.store = store,
              .catalog = [&world] { return world.world.catalog; },
              .after =
                  [this, &world](Duration span, std::function<void()> act) {
                    timers.at(world.world.now + span, std::move(act));
                  }}),
      builder(store, runner,
              [this, &world](Duration span, std::function<void()> act) {
                timers.at(world.world.now + span, std::move(act));
              }),
      reading({.store = store,
               .runner = runner,
               .after = [this, &world](
                            Duration span,
                            std::function<void()> act) { timers.at(world.world.now + span, std::move(act)); },
               .now = [&world] { return world.world.now; }}) {
  runner.open();
  builder.open();
  for (std::uint16_t partition = 0; partition < world.world.store.partition_count(); ++partition)
    runner.gain({partition});
}

ViewsWorld::ViewsWorld(std::string definition)
    : world(std::move(definition)), node(world.start_node()), views(world.store) {
  world.services.script = [](const runtime::OutgoingCall&) { return answer(200); };
  world.appended = [this](views::CommittedEvents events) {
    if (lose_every > 0 && ++told_ % lose_every == 0) return;
    for (const auto& process : processes) process->runner.take(events);
  };
}

ViewsWorld::Process& ViewsWorld::start_process() {
  processes.push_back(std::make_unique<Process>(*this));
  return *processes.back();
}

void ViewsWorld::kill(Process& process) {
  std::erase_if(processes, [&](const auto& one) { return one.get() == &process; });
}

void ViewsWorld::put(const std::string& yaml, bool again) {
  const auto view = loaded(yaml);
  views.put({view.table, view.hash, view.source, again});
}

void ViewsWorld::pass(Duration span) {
  const Timestamp end = world.now + span;
  while (true) {
    world.run();
    Timestamp next = end;
    for (const auto& one : processes)
      if (const auto due = one->timers.next_due()) next = std::min(next, *due);
    if (const auto due = node.timers.next_due()) next = std::min(next, *due);
    if (next >= end) break;
    world.now = std::max(world.now, next);
    node.timers.run_due(world.now);
    for (const auto& one : processes) one->timers.run_due(world.now);
  }
  world.now = end;
}

const store::ViewGeneration* ViewsWorld::generation(const std::string& view, bool active) {
  registry_ = views.list(0).value();
  for (const auto& one : registry_.generations)
    if (one.view == view && one.active == active) return &one;
  return nullptr;
}

std::vector<store::ViewRows::Row> ViewsWorld::rows(const std::string& view) const {
  const auto registry = views.list(0).value();
  for (const auto& one : registry.generations)
    if (one.view == view && one.active) return views.rows(one.number);
  return {};
}

std::vector<store::ViewRows::Row> ViewsWorld::fresh_fold(const std::string& yaml) const {
  const auto view = loaded(yaml);
  store::ViewRows rows(view.table);
  std::map<SagaId, core::State> states;
  for (std::uint16_t partition = 0; partition < world.store.partition_count(); ++partition)
    for (const auto& stored : world.store.read_partition({partition}, 0, 1'000'000)) {
      const auto payload = parse_json(stored.payload).value();
      auto& state = states[stored.saga];
      state.id = stored.saga;
      state = core::evolve(std::move(state), {stored.time, core::fact_from(stored.type, payload).value()});
      const auto changes = views::fold(view, {stored.saga,
                                              stored.type,
                                              payload,
                                              {stored.time, stored.position},
                                              &state,
                                              world.entry.definition.get()});
      for (const auto& change : changes.value()) rows.merge(change);
    }
  return rows.rows();
}

bool ViewsWorld::caught_up() const {
  const auto listed = views.list(0).value();  // named: the loop would not keep it alive
  for (const auto& one : listed.generations) {
    const auto progress = views.progress(one.number).value();
    if (progress.done != progress.head) return false;
  }
  return true;
}

}  // namespace skald::test
