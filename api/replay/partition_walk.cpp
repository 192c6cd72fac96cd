#include "api/replay/partition_walk.hpp"

#include <algorithm>

namespace skald::api {
namespace {

// The lanes' clocks are set by the database's answers, and its own clock may have been set meanwhile.
constexpr Duration kClocksOfLanes = std::chrono::seconds(1);

std::string name_of(std::int32_t writer) {
  return "writer " + std::to_string(writer);
}

}  // namespace

void PartitionWalk::take(const store::EventPlaced& event) {
  const std::int64_t missing = std::max(expected_, kept_below_);
  if (event.position.number < expected_ || event.position.number > missing)
    report("I5", event.position,
           "position " + std::to_string(missing) + " is missing: " + std::to_string(event.position.number) +
               " comes instead");
  expected_ = event.position.number + 1;
  if (last_ && event.time < last_->time)
    report("I5", event.position,
           "its time falls: " + to_rfc3339(event.time) + " after " + to_rfc3339(last_->time));
  if (last_ && event.writer != last_->writer) change_writer(event);
  last_ = event;
}

void PartitionWalk::change_writer(const store::EventPlaced& event) {
  former_.emplace(last_->writer, event.position);
  hand_overs_.push_back({last_->writer, event.writer, event.position, last_->time});
  const auto before = former_.find(event.writer);
  if (before == former_.end()) return;
  report("I6", event.position,
         name_of(event.writer) + " appends again, after another one had the partition from " +
             to_text(before->second) + " on");
}

void PartitionWalk::end(std::int64_t head, const std::vector<store::WriterRow>& writers,
                        std::optional<std::int32_t> owner) {
  if (expected_ <= head)
    report("I5", {partition_, expected_},
           "position " + std::to_string(expected_) + " is missing, the last is " + std::to_string(head));
  std::map<std::int32_t, const store::WriterRow*> known;
  for (const auto& writer : writers) known[writer.writer] = &writer;
  const auto must_be_over = [&](std::int32_t writer, Position at, Timestamp last) {
    const auto found = known.find(writer);
    if (found == known.end()) return report("I6", at, name_of(writer) + " was never registered");
    const auto revoked = found->second->revoked_at;
    if (!revoked) return report("I6", at, name_of(writer) + " was not revoked before another one came");
    if (*revoked + kClocksOfLanes < last)
      report("I6", at,
             name_of(writer) + " was revoked at " + to_rfc3339(*revoked) + " and appended after that");
  };
  for (const auto& [from, to, at, last] : hand_overs_) must_be_over(from, at, last);
  if (!last_) return;
  if (!known.contains(last_->writer))
    report("I6", last_->position, name_of(last_->writer) + " was never registered");
  else if (owner != last_->writer)
    must_be_over(last_->writer, last_->position, last_->time);
}

}  // namespace skald::api
