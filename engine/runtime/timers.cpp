#include "engine/runtime/timers.hpp"

namespace skald::runtime {

Timers::Id Timers::at(Timestamp due, std::function<void()> action) {
  const Id id = ++last_id_;
  const bool earlier = actions_.empty() || due < actions_.begin()->first.first;
  actions_.emplace(Key{due, id}, std::move(action));
  due_.emplace(id, due);
  if (earlier) on_earlier_();
  return id;
}

void Timers::cancel(Id id) {
  const auto found = due_.find(id);
  if (found == due_.end()) return;
  actions_.erase({found->second, id});
  due_.erase(found);
}

std::optional<Timestamp> Timers::next_due() const {
  if (actions_.empty()) return std::nullopt;
  return actions_.begin()->first.first;
}

void Timers::run_due(Timestamp now) {
  while (!actions_.empty() && actions_.begin()->first.first <= now) {
    auto first = actions_.extract(actions_.begin());
    due_.erase(first.key().second);
    first.mapped()();
  }
}

}  // namespace skald::runtime
