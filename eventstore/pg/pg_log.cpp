#include "eventstore/pg/pg_log.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "eventstore/pg/statements.hpp"
#include "eventstore/pg/stored_rows.hpp"

namespace skald::store {

using namespace std::chrono_literals;

namespace {

// A beat comes each second; the second one missing means that the database does not answer.
constexpr Duration kFresh = 2s;

// Two nodes may add a version of one name at the same moment; the loser of the race tries again.
constexpr int kDefinitionTries = 10;

std::int64_t sql_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int32_t>::max()));
}

std::int32_t sql_partition(Partition partition) {
  return partition.number;
}

ArrayParameter sql_numbers(const std::vector<Partition>& partitions) {
  ArrayParameter numbers(pgtype::kInt2);
  for (const auto partition : partitions) numbers.add(static_cast<std::int16_t>(partition.number));
  return numbers;
}

std::vector<StoredEvent> read_events(const Rows& rows) {
  return rows.each(read_event_row);
}

std::vector<SagaId> read_ids(const Rows& rows) {
  return rows.each([](const Rows& each, int row) { return each.saga_id(row, 0); });
}

// Hands on a failure, or what `read` makes of the rows.
template <class T, class Read>
std::function<void(Result<Rows>)> reading(Done<T> done, Read read) {
  return [done = std::move(done), read = std::move(read)](Result<Rows> rows) {
    if (!rows) return done(rows.error());
    done(read(*rows));
  };
}

}  // namespace

PgLog::PgLog(boost::asio::io_context& io, std::string conninfo, LaneName name)
    : appender_(io, conninfo, name, clock_, holdings_),
      control_(io, conninfo, name, clock_, holdings_, appender_),
      reader_(io, conninfo) {}

void PgLog::open(Done<std::vector<Partition>> done) {
  appender_.open([this, done = std::move(done)](std::optional<Error> error) {
    if (error) return done(*error);
    holdings_.tell();
    done(holdings_.partitions());
  });
}

void PgLog::close(std::function<void()> done) {
  control_.close();
  appender_.close([this, done = std::move(done)] {
    reader_.close();
    done();
  });
}

void PgLog::append(Append append, std::function<void(AppendResult)> done) {
  appender_.append(std::move(append), std::move(done));
}

void PgLog::read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                      Done<std::vector<StoredEvent>> done) {
  Parameters asked;
  asked.add(sql_partition(saga.partition())).add(saga).add(after).add(sql_limit(limit));
  reader_.query(statements::kReadSaga, std::move(asked), reading(std::move(done), read_events));
}

void PgLog::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                           Done<std::vector<StoredEvent>> done) {
  Parameters asked;
  asked.add(sql_partition(partition)).add(after).add(sql_limit(limit));
  reader_.query(statements::kReadPartition, std::move(asked), reading(std::move(done), read_events));
}

void PgLog::find_saga(SagaId saga, Done<std::optional<SagaRow>> done) {
  Parameters asked;
  asked.add(sql_partition(saga.partition())).add(saga);
  reader_.query(statements::kFindSaga, std::move(asked), reading(std::move(done), [](const Rows& rows) {
                  return rows.count() ? std::optional(read_saga_row(rows, 0)) : std::nullopt;
                }));
}

// A business key decides its partition, so only that one is looked through; and where it is an id, the one of
// that saga, which has no other key.
std::vector<Partition> PgLog::partitions_to_list(const SagaFilter& filter) const {
  if (filter.business_key) {
    std::vector<Partition> of_key = {partition_of(*filter.business_key, partition_count())};
    const auto id = parse_saga_id(*filter.business_key);
    if (id && id->partition() != of_key.front()) of_key.push_back(id->partition());
    return of_key;
  }
  std::vector<Partition> all;
  for (std::uint16_t number = 0; number < partition_count(); ++number) all.push_back({number});
  return all;
}

void PgLog::list_sagas(SagaFilter filter, Done<std::vector<SagaRow>> done) {
  Parameters asked;
  asked.add(sql_numbers(partitions_to_list(filter))).add(filter.before).add(sql_limit(filter.limit));
  asked.add(filter.definition);
  if (filter.statuses.empty()) {
    asked.add_null();
  } else {
    ArrayParameter statuses(pgtype::kText);
    for (const auto& status : filter.statuses) statuses.add(std::string_view(status));
    asked.add(std::move(statuses));
  }
  asked.add(filter.business_key).add(filter.started_after).add(filter.started_before);
  auto read = reading(std::move(done), [](const Rows& rows) { return rows.each(read_saga_row); });
  if (filter.ended == false)
    return reader_.query(statements::kListOpenSagas, std::move(asked), std::move(read));
  asked.add(filter.ended);
  reader_.query(statements::kListSagas, std::move(asked), std::move(read));
}

void PgLog::find_start_key(std::string definition, std::string key, Done<std::optional<StartKeyTaken>> done) {
  reader_.find_start_key(std::move(definition), std::move(key), std::move(done));
}

void PgLog::list_running(std::vector<Partition> partitions, std::optional<SagaId> after, std::size_t limit,
                         Done<std::vector<SagaId>> done) {
  Parameters asked;
  asked.add(sql_numbers(partitions)).add(after).add(sql_limit(limit));
  reader_.query(statements::kListRunning, std::move(asked), reading(std::move(done), read_ids));
}

void PgLog::list_due(Timestamp now, std::size_t limit, Done<std::vector<SagaId>> done) {
  Parameters asked;
  asked.add(sql_numbers(holdings_.partitions())).add(now).add(sql_limit(limit));
  reader_.query(statements::kListDue, std::move(asked), reading(std::move(done), read_ids));
}

void PgLog::put_definition(DefinitionRow definition, Done<DefinitionRow> done) {
  read_newest_definition(std::move(definition), kDefinitionTries, std::move(done));
}

void PgLog::read_newest_definition(DefinitionRow wanted, int tries_left, Done<DefinitionRow> done) {
  Parameters added;
  added.add(std::string_view(wanted.name)).add(std::string_view(wanted.hash));
  added.add(std::string_view(wanted.canonical)).add(std::string_view(wanted.source));
  reader_.query(statements::kPutDefinition, std::move(added), [=, this](Result<Rows> inserted) {
    if (!inserted) return done(inserted.error());
    Parameters asked;
    asked.add(std::string_view(wanted.name));
    reader_.query(statements::kNewestDefinition, std::move(asked), [=, this](Result<Rows> rows) {
      if (!rows) return done(rows.error());
      const auto newest = read_definition_row(*rows, 0);
      if (newest.hash == wanted.hash) return done(newest);
      if (tries_left == 0) return done(conflict("definition " + wanted.name + " is being changed by others"));
      read_newest_definition(wanted, tries_left - 1, done);
    });
  });
}

void PgLog::list_definitions(std::size_t known, Done<std::vector<DefinitionRow>> done) {
  Parameters asked;
  asked.add(static_cast<std::int64_t>(known));
  reader_.query(statements::kListDefinitions, std::move(asked),
                reading(std::move(done), [](const Rows& rows) { return rows.each(read_definition_row); }));
}

bool PgLog::healthy() const {
  return appender_.stands() && clock_.told_within(kFresh);
}

}  // namespace skald::store
