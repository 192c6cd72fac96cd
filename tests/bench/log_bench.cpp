// Measures the log alone: the eight events of the three-step saga in their four appends, closed loop, and
// what each choice of the schema costs: the payload's type and the index a saga is read by. Prints a table;
// see eventstore/README.md for the figures and how they decided. Usage: bench_log [SAGAS] [CLIENTS]
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/pg/blocking.hpp"
#include "eventstore/pg/migrate.hpp"
#include "eventstore/pg/pg_log.hpp"
#include "eventstore/pg/private_server.hpp"

using namespace skald;
using namespace skald::store;

namespace {

struct Variant {
  std::string name;
  std::string sql;  // what is changed about the schema
};

const std::vector<Variant> kVariants{
    {"as it is (json, index saga_id)", ""},
    {"payload jsonb", "drop view skald.story; alter table skald.event alter column data type jsonb"},
    {"payload text", "drop view skald.story; alter table skald.event alter column data type text"},
    {"index partition+saga_id+version",
     "drop index skald.event_by_saga; create index on skald.event (partition, saga_id, version)"},
    {"index saga_id+version",
     "drop index skald.event_by_saga; create index on skald.event (saga_id, version)"},
    {"no index by saga", "drop index skald.event_by_saga"},
};

// About 200 bytes, as the events of the reference saga have.
const std::string kPayload =
    R"({"step":"qualify","kind":"http","request":{"method":"POST","service":"qualification","path":"/qualifications/42/check",)"
    R"("key":"0198c1f2-aaaa-7bbb-8ccc-123456789abc:qualify","data":{"name":"Kim","age":31}}})";

// One client: a saga after the other, each append after the answer to the one before.
class Client {
 public:
  Client(Log& log, Random& random, int& left) : log_(log), random_(random), left_(left) {}

  void start() {
    if (left_-- <= 0) {
      done = true;
      return;
    }
    const Partition partition{static_cast<std::uint16_t>(random_.below(log_.partition_count()))};
    saga_ = new_saga_id(log_.now(), partition, random_);
    append(0);
  }
  bool done = false;

 private:
  NewEvent event(std::string type) { return {std::move(type), kPayload, log_.now()}; }
  void append(int stage) {
    Append append{saga_, stage * 2 + 1, {}, {}, {}};
    if (stage == 0) {
      append.events = {event("SagaStarted"), event("StepRequested")};
      append.start = SagaStart{"recruitment", 1, std::string(64, 'a'), to_text(saga_), to_text(saga_), {}};
      append.status = SagaStatus{"running", {}, {}};
    } else {
      append.events = {event("StepSucceeded"), event(stage == 3 ? "SagaEnded" : "StepRequested")};
      if (stage == 3) append.status = SagaStatus{"completed", {}, log_.now()};
    }
    log_.append(std::move(append), [this, stage](const AppendResult& result) {
      if (!std::holds_alternative<Committed>(result)) std::abort();
      if (stage == 3)
        start();
      else
        this->append(stage + 1);
    });
  }
  Log& log_;
  Random& random_;
  int& left_;
  SagaId saga_;
};

double number(BlockingConnection& database, const std::string& sql) {
  return std::atof(database.value(sql).value().c_str());
}

// CPU time a process has used, in microseconds (proc(5), fields 14 and 15). Unlike the rate, it hardly
// depends on what else the machine does.
double cpu_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string word;
  double ticks = 0;
  for (int field = 1; field <= 15 && file >> word; ++field) {
    if (field >= 14) ticks += std::atof(word.c_str());
  }
  return ticks * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void measure(PrivateServer& server, const Variant& variant, int sagas, int clients) {
  static int databases = 0;
  const auto name = "bench_" + std::to_string(++databases);
  auto admin = BlockingConnection::open(server.conninfo()).value();
  admin.run("create database " + name).value();
  const auto conninfo = server.conninfo() + " dbname=" + name;
  migrate(conninfo).value();
  auto database = BlockingConnection::open(conninfo).value();
  if (!variant.sql.empty()) database.run(variant.sql).value();
  database.run("checkpoint").value();

  boost::asio::io_context io;
  PgLog log(io, conninfo, {"bench"});
  bool open = false;
  log.open([&](const Result<std::vector<Partition>>& opened) { open = opened.has_value(); });
  while (!open) io.run_one();

  const auto backend = database
                           .value(
                               "select pid from pg_stat_activity where datname = current_database() and "
                               "application_name = 'skald' limit 1")
                           .value();
  const auto cpu = cpu_of(backend), own_cpu = cpu_of("self");
  const auto wal = number(database, "select pg_current_wal_lsn() - '0/0'");
  Random random(1);
  int left = sagas;
  std::vector<std::unique_ptr<Client>> all;
  for (int i = 0; i < clients; ++i) all.push_back(std::make_unique<Client>(log, random, left));
  const auto begin = std::chrono::steady_clock::now();
  for (auto& client : all) client->start();
  for (auto& client : all) {
    while (!client->done) io.run_one();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto cpu_per_saga = (cpu_of(backend) - cpu) / sagas,
             own_cpu_per_saga = (cpu_of("self") - own_cpu) / sagas;
  const auto wal_per_saga = (number(database, "select pg_current_wal_lsn() - '0/0'") - wal) / sagas;
  const auto disk =
      number(
          database,
          "select sum(pg_total_relation_size(oid)) from pg_class where relnamespace = 'skald'::regnamespace "
          "and relkind = 'r' and (relname like 'event%' or relname in ('saga', 'start_key'))") /
      sagas;
  const auto commits = number(database, "select count(distinct xmin::text) from skald.event") / sagas;
  std::printf("%-42s %8.0f %9.1f %9.1f %9.0f %9.0f %9.3f\n", variant.name.c_str(), sagas / seconds,
              cpu_per_saga, own_cpu_per_saga, wal_per_saga, disk, commits);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
  const int sagas = count > 1 ? std::atoi(arguments[1]) : 50'000;
  const int clients = count > 2 ? std::atoi(arguments[2]) : 256;
  std::string directory = (std::filesystem::temp_directory_path() / "skald-bench-XXXXXX").string();
  if (!mkdtemp(directory.data())) return 1;
  {
    // Durable, as in production; the large log keeps checkpoints out of the figures.
    auto server =
        PrivateServer::start(directory, {.ephemeral = false, .settings = {"max_wal_size=16GB"}}).value();
    std::printf("%d sagas of 8 events, %d clients\n%-42s %8s %9s %9s %9s %9s %9s\n", sagas, clients,
                "per saga", "sagas/s", "PG CPU us", "CPU us", "WAL B", "disk B", "commits");
    for (const auto& variant : kVariants) measure(server, variant, sagas, clients);
  }
  std::filesystem::remove_all(directory);
}
