#include "tests/simulation/node_views.hpp"

namespace skald::simulation {
namespace {

// Once in so many appends a lane hands nothing over, as where too much is waiting.
constexpr std::uint64_t kNotTold = 30;

}  // namespace

NodeViews::NodeViews(SharedViews& shared, views::SagaStates::FindCatalog catalog)
    : shared_(shared), catalog_(std::move(catalog)) {
  begin();
}

NodeViews::Process::Process(NodeViews& node, SharedViews& shared)
    : store(shared, [&node](std::function<void()> act) { node.post(std::move(act)); }),
      runner({.store = store,
              .catalog = node.catalog_,
              .after = [this, &shared](Duration span,
                                       std::function<void()> act) { after(shared, span, std::move(act)); }}),
      builder(store, runner, [this, &shared](Duration span, std::function<void()> act) {
        after(shared, span, std::move(act));
      }) {}

void NodeViews::begin() {
  process_ = std::make_unique<Process>(*this, shared_);
  process_->runner.open();
  process_->builder.open();
  for (const Partition partition : owned_) process_->runner.gain(partition);
}

void NodeViews::die() {
  turns_.clear();
  begin();
}

void NodeViews::own(Partition partition, bool owned) {
  if (owned)
    owned_.insert(partition);
  else
    owned_.erase(partition);
  post([this, partition, owned] {
    if (owned)
      process_->runner.gain(partition);
    else
      process_->runner.lose(partition);
  });
}

void NodeViews::take(views::CommittedEvents committed) {
  if (shared_.hit_by(Fault::ViewsNotTold, kNotTold)) return;
  post([this, committed = std::move(committed)] { process_->runner.take(committed); });
}

void NodeViews::take_turn() {
  const auto act = std::move(turns_.front());
  turns_.pop_front();
  act();
}

}  // namespace skald::simulation
