#include "eventstore/pg/entrance.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/failpoint.hpp"
#include "eventstore/pg/sqlstate.hpp"
#include "eventstore/pg/statements.hpp"
#include "eventstore/pg/tails.hpp"

namespace skald::store {

using namespace std::chrono_literals;

namespace {

// What this program can read and write; a database whose format is higher belongs to newer nodes.
constexpr std::int32_t kFormat = 1;
// A revoke may wait a second, terminate what blocks it, and wait a second more.
constexpr Duration kEntrancePatience = 10s;

Error failure_of(const Answer& answer) {
  if (const auto* lost = std::get_if<Lost>(&answer)) return unavailable(lost->why);
  const auto& why = std::get<Refused>(answer);
  const bool no_schema = why.sqlstate == "42P01" || why.sqlstate == "3F000" || why.sqlstate == "42883";
  if (no_schema) return conflict("the database has no schema of this version of Skald: run skald migrate");
  if (why.sqlstate == sqlstate::kFrozen) return conflict(why.message);
  return unavailable(why.message + " (" + why.sqlstate + ")");
}

}  // namespace

void Entrance::enter(std::shared_ptr<Connection> connection, std::optional<Batch::Probe> doubt, Done done) {
  connection_ = std::move(connection);
  doubt_ = doubt;
  entered_ = {};
  done_ = std::move(done);
  run(statements::kSetting, {}, &Entrance::on_setting);
}

void Entrance::run(const Statement& statement, Parameters parameters, void (Entrance::*next)(const Rows&)) {
  connection_->run(statement, std::move(parameters), kEntrancePatience, [this, next](Answer answer) {
    if (const auto* rows = std::get_if<Rows>(&answer))
      (this->*next)(*rows);
    else
      std::exchange(done_, nullptr)(failure_of(answer));
  });
}

void Entrance::on_setting(const Rows& rows) {
  if (rows.count() != 1)
    return std::exchange(done_, nullptr)(conflict("skald.setting has no row: run skald migrate"));
  if (const auto format = rows.int4(0, 2); format > kFormat) {
    return std::exchange(done_,
                         nullptr)(conflict("the database has format " + std::to_string(format) +
                                           ", this version of Skald knows " + std::to_string(kFormat)));
  }
  entered_.partition_count = static_cast<std::uint16_t>(rows.int4(0, 0));
  entered_.segment_positions = rows.int8(0, 1);
  Parameters who;
  who.add(name_.node).add(name_.lane).add(name_.lanes).add(incarnation_);
  FAILPOINT("before-writer-registered");
  run(statements::kEnter, std::move(who), &Entrance::on_registered);
}

// The tails come by a statement of their own, begun after this one's commit was acknowledged: only then has
// every append of the old writers either been committed, and is seen, or will be fenced.
void Entrance::on_registered(const Rows& rows) {
  FAILPOINT("writer-registered");
  entered_.writer = rows.int4(0, 0);
  for (int row = 1; row < rows.count(); ++row) {
    if (rows.boolean(row, 2)) entered_.kept.insert(rows.partition(row, 1));
  }
  Parameters who;
  who.add(entered_.writer);
  run(statements::kTails, std::move(who), &Entrance::on_tails);
}

void Entrance::on_tails(const Rows& rows) {
  FAILPOINT("tails-read");
  entered_.held = read_tail_rows(rows, clock_);
  if (!doubt_) return make_segments();
  Parameters what;
  what.add(static_cast<std::int32_t>(doubt_->position.partition.number)).add(doubt_->position.number);
  what.add(doubt_->saga).add(doubt_->version).add(doubt_->writer);
  run(statements::kProbe, std::move(what), &Entrance::on_probe);
}

void Entrance::on_probe(const Rows& rows) {
  FAILPOINT("append-in-doubt-probed");
  entered_.found = rows.boolean(0, 0);
  make_segments();
}

void Entrance::make_segments() {
  std::int64_t highest = 0;
  for (const auto& [partition, tail] : entered_.held) highest = std::max(highest, tail.position);
  Parameters up_to;
  up_to.add(highest + entered_.segment_positions);
  run(statements::kMakeSegments, std::move(up_to), &Entrance::on_segments);
}

void Entrance::on_segments(const Rows& rows) {
  entered_.covered = rows.int8(0, 0);
  std::exchange(done_, nullptr)(std::move(entered_));
}

}  // namespace skald::store
