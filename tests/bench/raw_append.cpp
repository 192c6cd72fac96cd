// The ceiling of the log: the same eight events per saga into a table of the same shape, by one connection
// that does nothing else. usage: bench_append CONNINFO SAGAS_PER_TRANSACTION SECONDS. Prints one JSON line.
#include <libpq-fe.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/base/ids.hpp"
#include "eventstore/pg/parameters.hpp"

using namespace skald;

namespace {

constexpr const char* kTable = R"(
drop table if exists bench_event;
create table bench_event (
  position bigint not null, time timestamptz not null, saga_id uuid not null, version integer not null,
  writer integer not null, partition smallint not null, type text not null, data json not null,
  primary key (partition, position));
create index on bench_event (saga_id, version))";

constexpr const char* kInsert = R"(
insert into bench_event (partition, position, saga_id, version, type, time, data, writer)
select *, 1 from unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::integer[], $5::text[], $6::timestamptz[], $7::json[]))";

struct Sample {
  const char* type;
  const char* data;
};
// What the three-step saga writes, as to shape and size.
constexpr Sample kSaga[] = {
    {"SagaStarted",
     R"({"input":{"applicantId":"applicant-000012345","name":"Ada Lovelace","age":36,"skill":"analytical engines","job":"mathematician","note":"about two hundred bytes of JSON leave with every request, as the work says 12345"},"definition":"a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90","businessKey":"0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f"})"},
    {"StepRequested",
     R"({"step":"apply","kind":"http","request":{"method":"POST","service":"recruitment","path":"/recruitments/0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f/apply"}})"},
    {"StepSucceeded",
     R"({"step":"apply","attempts":1,"output":{"id":"0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f","status":"accepted","detail":"benchmark answer 1234"}})"},
    {"StepRequested",
     R"({"step":"qualify","kind":"http","request":{"method":"POST","service":"qualification","path":"/qualifications/0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f/check"}})"},
    {"StepSucceeded",
     R"({"step":"qualify","attempts":1,"output":{"id":"0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f","status":"accepted","detail":"benchmark answer 1234"}})"},
    {"StepRequested",
     R"({"step":"enroll","kind":"http","request":{"method":"POST","service":"enrollment","path":"/enrollments/0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f/enroll"}})"},
    {"StepSucceeded",
     R"({"step":"enroll","attempts":1,"output":{"id":"0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f","status":"accepted","detail":"benchmark answer 1234"}})"},
    {"SagaEnded", R"({"status":"completed","undo":"none"})"},
};

void expect(PGresult* result, ExecStatusType status, PGconn* connection) {
  const bool as_expected = PQresultStatus(result) == status;
  PQclear(result);
  if (as_expected) return;
  std::fprintf(stderr, "bench_append: %s", PQerrorMessage(connection));
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4)
    return std::fprintf(stderr, "usage: bench_append CONNINFO SAGAS_PER_TRANSACTION SECONDS\n"), 2;
  const int sagas_per_transaction = std::atoi(argv[2]);
  const double seconds = std::atof(argv[3]);
  PGconn* connection = PQconnectdb(argv[1]);
  if (PQstatus(connection) != CONNECTION_OK)
    return std::fprintf(stderr, "bench_append: %s", PQerrorMessage(connection)), 1;
  expect(PQexec(connection, kTable), PGRES_COMMAND_OK, connection);
  expect(PQprepare(connection, "insert", kInsert, 0, nullptr), PGRES_COMMAND_OK, connection);

  Random random(1);
  std::int64_t position = 0;
  long sagas = 0, transactions = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  while (elapsed() < seconds) {
    using store::ArrayParameter;
    ArrayParameter partitions(store::pgtype::kInt2), positions(store::pgtype::kInt8),
        ids(store::pgtype::kUuid), versions(store::pgtype::kInt4), types(store::pgtype::kText),
        times(store::pgtype::kTimestamptz), payloads(store::pgtype::kJson);
    for (int saga = 0; saga < sagas_per_transaction; ++saga) {
      const Timestamp now = system_now();
      const SagaId id = new_saga_id(now, {0}, random);
      std::int32_t version = 0;
      for (const Sample& event : kSaga) {
        partitions.add(std::int16_t{0});
        positions.add(++position);
        ids.add(id);
        versions.add(++version);
        types.add(std::string_view(event.type));
        times.add(now);
        payloads.add(std::string_view(event.data));
      }
    }
    store::Parameters parameters;
    for (ArrayParameter* column : {&partitions, &positions, &ids, &versions, &types, &times, &payloads})
      parameters.add(std::move(*column));
    const auto values = parameters.pointers();
    const auto lengths = parameters.lengths();
    const std::vector<int> binary(values.size(), 1);
    expect(PQexecPrepared(connection, "insert", static_cast<int>(values.size()), values.data(),
                          lengths.data(), binary.data(), 1),
           PGRES_COMMAND_OK, connection);
    sagas += sagas_per_transaction;
    ++transactions;
  }
  std::printf(R"({"sagas":%ld,"transactions":%ld,"seconds":%.3f,"sagas_per_second":%.0f})", sagas,
              transactions, elapsed(), static_cast<double>(sagas) / elapsed());
  std::printf("\n");
  PQfinish(connection);
}
