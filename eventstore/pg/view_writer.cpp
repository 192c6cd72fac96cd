#include "eventstore/pg/view_writer.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "eventstore/pg/sqlstate.hpp"
#include "eventstore/pg/view_sql.hpp"

namespace skald::store {

using namespace std::chrono_literals;

namespace {

// A batch takes milliseconds; it may wait for the rows of another node's batch.
constexpr Duration kPatience = 30s;

constexpr std::size_t kAdvanceStep = 2;  // behind what begins the transaction

Parameters advance_parameters(const ViewBatch& batch) {
  using namespace pgtype;
  ArrayParameter generation(kInt8), partition(kInt2), from(kInt8), to(kInt8), at(kInt2), position(kInt8),
      saga(kUuid), time(kTimestamptz);
  for (const auto& view : batch.views)
    for (const auto& advance : batch.advances) {
      generation.add(view.generation);
      partition.add(static_cast<std::int16_t>(advance.partition.number));
      from.add(advance.from);
      to.add(advance.to);
    }
  for (const auto& advance : batch.advances) {
    if (advance.last == 0) continue;
    at.add(static_cast<std::int16_t>(advance.partition.number));
    position.add(advance.last);
    saga.add(advance.saga);
    time.add(advance.time);
  }
  Parameters parameters;
  for (auto* column : {&generation, &partition, &from, &to, &at, &position, &saga, &time})
    parameters.add(std::move(*column));
  return parameters;
}

}  // namespace

ViewWriter::ViewWriter(boost::asio::io_context& io, std::string conninfo, ViewStatements& statements)
    : io_(io), conninfo_(std::move(conninfo)), statements_(statements) {}

ViewWriter::~ViewWriter() {
  if (connection_) connection_->close();
}

void ViewWriter::apply(ViewBatch batch, std::function<void(ViewApplied)> done) {
  CHECK_THAT(!done_, "a writer writes one batch at a time");
  done_ = std::move(done);
  plan(batch);
  if (connection_ && connection_->is_open()) return run_next();
  if (connection_) connection_->close();
  connection_ = Connection::make(io_, conninfo_);
  connection_->open([this](std::optional<std::string> why_not) {
    if (why_not) return finish(ViewsUnavailable{"the database is away: " + *why_not});
    run_next();
  });
}

void ViewWriter::plan(const ViewBatch& batch) {
  steps_.clear();
  next_ = 0;
  moves_ = static_cast<std::int64_t>(batch.views.size() * batch.advances.size());
  proofs_ = std::count_if(batch.advances.begin(), batch.advances.end(),
                          [](const auto& advance) { return advance.last > 0; });
  steps_.push_back({&statements::kBegin, {}});
  steps_.push_back({&statements::kByIndex, {}});
  steps_.push_back({&statements::kAdvance, advance_parameters(batch)});
  for (const auto& view : batch.views) {
    const auto [gone, merged] = view_sql::gone_and_merged(view.rows);
    if (!gone.empty())
      steps_.push_back({&statements_.remove(*view.table, view.generation),
                        view_sql::remove_parameters(*view.table, gone)});
    if (!merged.empty())
      steps_.push_back({&statements_.merge(*view.table, view.generation),
                        view_sql::merge_parameters(*view.table, merged)});
  }
  steps_.push_back({&statements::kCommit, {}});
}

void ViewWriter::run_next() {
  Step& step = steps_[next_];
  if (step.statement == &statements::kCommit) FAILPOINT("view-rows-written-not-committed");
  connection_->run(*step.statement, std::move(step.parameters), kPatience,
                   [this](Answer answer) { on_answer(std::move(answer)); });
}

void ViewWriter::on_answer(Answer answer) {
  if (const auto* lost = std::get_if<Lost>(&answer)) return finish(ViewsUnavailable{lost->why});
  if (const auto* refused = std::get_if<Refused>(&answer)) {
    const std::string why = refused->message + " (" + refused->sqlstate + ")";
    if (sqlstate::is_about_the_connection(refused->sqlstate)) {
      connection_->close();
      return finish(ViewsUnavailable{why});
    }
    if (sqlstate::is_about_the_data(refused->sqlstate)) return roll_back(ViewDataRefused{why});
    if (refused->sqlstate == statements::kUndefinedTable) return roll_back(ViewsElsewhere{});
    return roll_back(ViewsUnavailable{why});
  }
  if (next_ == kAdvanceStep && !advanced(std::get<Rows>(answer))) return roll_back(ViewsElsewhere{});
  if (++next_ == steps_.size()) {
    FAILPOINT("view-committed-nobody-told");
    return finish(ViewsApplied{});
  }
  run_next();
}

bool ViewWriter::advanced(const Rows& rows) const {
  return rows.int8(0, 0) == moves_ && rows.int8(0, 1) == proofs_;
}

void ViewWriter::roll_back(ViewApplied why) {
  connection_->run(statements::kRollback, {}, kPatience, [this, why = std::move(why)](Answer answer) {
    // Whatever became of the rollback: a closed connection ends its transaction too.
    if (!std::holds_alternative<Rows>(answer)) connection_->close();
    finish(why);
  });
}

void ViewWriter::finish(ViewApplied result) {
  auto done = std::exchange(done_, nullptr);
  steps_.clear();
  done(std::move(result));
}

}  // namespace skald::store
