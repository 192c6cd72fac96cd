#include "eventstore/pg/reader.hpp"

#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "eventstore/pg/sqlstate.hpp"
#include "eventstore/pg/statements.hpp"
#include "eventstore/pg/view_statements.hpp"

namespace skald::store {

using namespace std::chrono_literals;

namespace {

constexpr Duration kReadPatience = 30s;  // a list without an index may be slow, but not for ever
// The indexes of a large table, or the comparison of two, take as long as they take.
constexpr Duration kSlowPatience = 6h;
constexpr std::size_t kMaxQueued =
    10'000;                // seconds of reads; beyond, asking again later serves everyone better
constexpr int kTries = 2;  // the second on a fresh connection

}  // namespace

Reader::Reader(boost::asio::io_context& io, std::string conninfo) : io_(io), conninfo_(std::move(conninfo)) {}

Reader::~Reader() {
  if (connection_) connection_->close();
}

void Reader::query(const Statement& statement, Parameters parameters,
                   std::function<void(Result<Rows>)> done) {
  if (queue_.size() >= kMaxQueued) {
    boost::asio::post(io_, [done = std::move(done)] { done(unavailable("too many reads are waiting")); });
    return;
  }
  queue_.push_back({&statement, std::move(parameters), std::move(done)});
  run_next();
}

void Reader::run_next() {
  if (running_ || connecting_ || queue_.empty()) return;
  if (!connection_ || !connection_->is_open()) return connect();
  running_ = true;
  auto& next = queue_.front();
  ++next.tries;
  const Duration patience = statements::is_slow(*next.statement) ? kSlowPatience : kReadPatience;
  connection_->run(*next.statement, next.parameters, patience,
                   [this](Answer answer) { on_answer(std::move(answer)); });
}

void Reader::connect() {
  connecting_ = true;
  if (connection_) connection_->close();
  connection_ = Connection::make(io_, conninfo_);
  connection_->open([this](std::optional<std::string> why_not) {
    connecting_ = false;
    if (why_not) return fail_all(*why_not);
    run_next();
  });
}

void Reader::on_answer(Answer answer) {
  running_ = false;
  if (const auto* why = std::get_if<Refused>(&answer);
      why && sqlstate::is_about_the_connection(why->sqlstate)) {
    connection_->close();
    answer = Lost{why->message + " (" + why->sqlstate + ")"};
  }
  if (std::holds_alternative<Lost>(answer) && queue_.front().tries < kTries) return run_next();
  auto query = std::move(queue_.front());
  queue_.pop_front();
  run_next();
  if (auto* rows = std::get_if<Rows>(&answer)) return query.done(std::move(*rows));
  if (auto* lost = std::get_if<Lost>(&answer))
    return query.done(unavailable("the database is away: " + lost->why));
  const auto& why = std::get<Refused>(answer);
  if (sqlstate::is_passing(why.sqlstate))
    return query.done(
        unavailable("the database refuses for now: " + why.message + " (" + why.sqlstate + ")"));
  if (sqlstate::is_about_the_data(why.sqlstate)) return query.done(invalid(why.message));
  if (why.sqlstate == sqlstate::kWouldLoseRows) return query.done(conflict(why.message));
  if (why.sqlstate == statements::kUndefinedTable) return query.done(not_found(why.message));
  query.done(unexpected("the database refused a read: " + why.message + " (" + why.sqlstate + ")"));
}

void Reader::fail_all(const std::string& why) {
  const auto failed = std::exchange(queue_, {});
  for (const auto& query : failed) query.done(unavailable("the database is away: " + why));
}

void Reader::close() {
  if (connection_) std::exchange(connection_, nullptr)->close();
  running_ = connecting_ = asking_ = false;
  queue_.clear();
  lookups_.clear();
}

void Reader::find_start_key(std::string definition, std::string key,
                            Done<std::optional<StartKeyTaken>> done) {
  lookups_.push_back({std::move(definition), std::move(key), std::move(done)});
  if (!asking_) ask_for_start_keys();
}

void Reader::ask_for_start_keys() {
  asking_ = true;
  ArrayParameter definitions(pgtype::kText), keys(pgtype::kText);
  for (const auto& lookup : lookups_) {
    definitions.add(std::string_view(lookup.definition));
    keys.add(std::string_view(lookup.key));
  }
  Parameters asked;
  asked.add(std::move(definitions)).add(std::move(keys));
  query(statements::kFindStartKeys, std::move(asked),
        [this, lookups = std::exchange(lookups_, {})](Result<Rows> rows) {
          asking_ = false;
          if (!lookups_.empty()) ask_for_start_keys();
          std::map<std::pair<std::string, std::string>, StartKeyTaken> found;
          for (int row = 0; rows && row < rows->count(); ++row) {
            found[{rows->text(row, 0), rows->text(row, 1)}] = {rows->saga_id(row, 2), rows->hash(row, 3)};
          }
          for (const auto& lookup : lookups) {
            const auto at = found.find({lookup.definition, lookup.key});
            if (!rows)
              lookup.done(rows.error());
            else if (at == found.end())
              lookup.done(std::optional<StartKeyTaken>{});
            else
              lookup.done(std::optional<StartKeyTaken>{at->second});
          }
        });
}

}  // namespace skald::store
