#include "eventstore/pg/retention.hpp"

#include <utility>

#include "engine/base/check.hpp"
#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/sqlstate.hpp"
#include "eventstore/pg/stored_rows.hpp"

namespace skald::store {

namespace {

using namespace pgtype;

const Statement kFindLeaving{"",
                             R"sql(
select asked.ended_before, found.below, found.leaving, found.staying, found.obstacle
from (select clock_timestamp() - $1 * interval '1 microsecond' as ended_before) asked,
     lateral skald.find_leaving(asked.ended_before, $2) found
)sql",
                             {kInt8, kBool}};

const Statement kLeavingHeads{"",
                              R"sql(
select coalesce((select max(e.position) from skald.event e
                 where e.partition = o.partition and e.position < $1
                   and exists (select from skald_leaving l where l.partition = e.partition and l.saga_id = e.saga_id)), 0)
from skald.ownership o order by o.partition
)sql",
                              {kInt8}};

const Statement kLeavingEvents{"",
                               R"sql(
select saga_id, version, partition, position, type, data, time, writer
from skald.event e
where partition = $1::integer::smallint and position < $2
  and exists (select from skald_leaving l where l.partition = e.partition and l.saga_id = e.saga_id)
order by position
)sql",
                               {kInt4, kInt8}};

const Statement kNote{"",
                      R"sql(
insert into skald.retention (ended_before, below, sagas, kept_sagas, exported_to) values ($1, $2, $3, $4, $5)
returning pass
)sql",
                      {kTimestamptz, kInt8, kInt8, kInt8, kText}};

const Statement kCopyKept{"", "select events, kept_events from skald.copy_kept($1, $2)", {kInt8, kText}};

const Statement kNoteEvents{
    "", "update skald.retention set events = $2, kept_events = $3 where pass = $1", {kInt4, kInt8, kInt8}};

// "event_kept_000001": as the other segments, so that a refusal of its key is known for what it is.
std::string relation_of(std::int32_t pass) {
  const std::string number = std::to_string(pass);
  return "event_kept_" + std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number;
}

bool failed_with(const Error& error, std::string_view sqlstate) {
  return error.message.starts_with("[" + std::string(sqlstate) + "]");
}

}  // namespace

Result<Retention> Retention::begin(const std::string& conninfo, Duration age, Intent intent,
                                   const Begun& begun) {
  auto database = BlockingConnection::open(conninfo);
  if (!database) return database.error();
  Retention retention(std::move(*database));
  if (auto opened = retention.database_.run("begin"); !opened) return opened.error();
  const auto session = retention.database_.value("select pg_backend_pid()");
  if (!session) return session.error();
  if (begun) begun(std::stoi(*session));
  if (auto found = retention.find(age, intent); !found) return found.error();
  return retention;
}

Retention::~Retention() {
  if (database_.is_open()) static_cast<void>(database_.run("rollback"));
}

Result<void> Retention::find(Duration age, Intent intent) {
  Parameters asked;
  asked.add(static_cast<std::int64_t>(age.count())).add(intent == Intent::Act);
  const auto rows = database_.query(kFindLeaving, asked);
  if (!rows) return rows.error();
  leaving_.ended_before = rows->time(0, 0);
  leaving_.obstacle = rows->optional_text(0, 4);
  if (rows->is_null(0, 1)) return {};
  leaving_.below = rows->int8(0, 1);
  leaving_.sagas = rows->int8(0, 2);
  leaving_.staying = rows->int8(0, 3);
  return {};
}

Result<std::vector<std::int64_t>> Retention::heads() {
  Parameters below;
  below.add(leaving_.below);
  const auto rows = database_.query(kLeavingHeads, below);
  if (!rows) return rows.error();
  return rows->each([](const Rows& each, int row) { return each.int8(row, 0); });
}

Result<void> Retention::events(Partition partition, const std::function<Result<void>(StoredEvent)>& take) {
  Parameters asked;
  asked.add(static_cast<std::int32_t>(partition.number)).add(leaving_.below);
  return database_.stream(kLeavingEvents, asked,
                          [&](const Rows& rows) { return take(read_event_row(rows, 0)); });
}

Result<void> Retention::copy(const std::optional<std::string>& exported_to) {
  if (leaving_.obstacle) return conflict(*leaving_.obstacle);
  Parameters noted;
  noted.add(leaving_.ended_before).add(leaving_.below).add(leaving_.sagas).add(leaving_.staying);
  noted.add(exported_to ? std::optional<std::string_view>(*exported_to) : std::nullopt);
  const auto pass = database_.query(kNote, noted);
  if (!pass) return pass.error();
  left_.pass = pass->int4(0, 0);
  Parameters asked;
  asked.add(leaving_.below).add(relation_of(left_.pass));
  const auto copied = database_.query(kCopyKept, asked);
  if (!copied) return copied.error();
  left_.events = copied->int8(0, 0);
  left_.kept_events = copied->int8(0, 1);
  Parameters events;
  events.add(left_.pass).add(left_.events).add(left_.kept_events);
  const auto counted = database_.query(kNoteEvents, events);
  return counted ? Result<void>() : counted.error();
}

Result<Left> Retention::exchange(const std::function<bool()>& again) {
  CHECK_THAT(left_.pass > 0, "what stays was copied");
  auto exchanged = try_to_exchange();
  while (exchanged && !*exchanged && again()) exchanged = try_to_exchange();
  if (!exchanged) return exchanged.error();
  if (!*exchanged) return conflict("others read the log without a pause, or hold it open");
  const auto held =
      database_.value("select held_ms from skald.retention where pass = $1", {std::to_string(left_.pass)});
  if (held) left_.held_ms = std::stod(*held);
  return left_;
}

// The exchange and its commit are one message: a process that dies, or stands still, between the two would
// hold up everybody.
Result<bool> Retention::try_to_exchange() {
  if (auto marked = database_.run("savepoint before_exchange"); !marked) return marked.error();
  const auto exchanged =
      database_.run("select skald.swap_kept(" + std::to_string(left_.pass) + ", " +
                    std::to_string(leaving_.below) + ", '" + relation_of(left_.pass) + "'); commit");
  if (exchanged) return true;
  if (failed_with(exchanged.error(), sqlstate::kViewFellBehind)) return conflict(exchanged.error().message);
  if (!failed_with(exchanged.error(), sqlstate::kLockNotAvailable)) return exchanged.error();
  if (auto undone = database_.run("rollback to savepoint before_exchange"); !undone) return undone.error();
  return false;
}

void stop_session(const std::string& conninfo, std::int32_t session) {
  auto database = BlockingConnection::open(conninfo);
  if (database) static_cast<void>(database->run("select pg_cancel_backend($1)", {std::to_string(session)}));
}

}  // namespace skald::store
