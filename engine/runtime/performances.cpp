#include "engine/runtime/performances.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace skald::runtime {

const core::StepPath& step_of(const core::Command& command) {
  return std::visit([](const auto& one) -> const core::StepPath& { return one.step; }, command);
}

Outstanding& Performances::begin(core::Command command, std::uint64_t ticket) {
  CHECK_THAT(by_ticket_.empty() || by_ticket_.back().first < ticket, "tickets rise");
  core::StepPath step = step_of(command);
  const auto [one, is_new] = by_step_.emplace(std::move(step), Outstanding{std::move(command), ticket});
  CHECK_THAT(is_new, "a step has one command under way");
  by_ticket_.emplace_back(ticket, &one->second);
  return one->second;
}

void Performances::end(const Outstanding& outstanding) {
  by_ticket_.erase(at(outstanding.ticket));
  by_step_.erase(by_step_.find(step_of(outstanding.command)));
}

Outstanding* Performances::of_step(std::string_view step) {
  const auto found = by_step_.find(step);
  return found == by_step_.end() ? nullptr : &found->second;
}

Outstanding* Performances::of_ticket(std::uint64_t ticket) {
  const auto found = at(ticket);
  return found != by_ticket_.end() && found->first == ticket ? found->second : nullptr;
}

Performances::Tickets::iterator Performances::at(std::uint64_t ticket) {
  return std::lower_bound(by_ticket_.begin(), by_ticket_.end(), ticket,
                          [](const auto& one, std::uint64_t wanted) { return one.first < wanted; });
}

}  // namespace skald::runtime
