#include "tests/contract/pg_world.hpp"

#include <cstdlib>
#include <filesystem>

#include "eventstore/pg/migrate.hpp"

namespace skald::store::testing {

namespace {

constexpr auto kPatience = std::chrono::seconds(30);  // for a test that waits in vain

class TestServer {
 public:
  TestServer() : directory_(make_directory()), server_(start(directory_)) {
    connect("").run("create database migrated").value();
    migrate(server_.conninfo() + " dbname=migrated", {.partition_count = kPartitions}).value();
  }
  ~TestServer() {
    server_.stop();
    std::filesystem::remove_all(directory_);
  }
  PrivateServer& server() { return server_; }
  BlockingConnection connect(const std::string& more) {
    return BlockingConnection::open(server_.conninfo() + more).value();
  }

 private:
  static std::filesystem::path make_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "skald-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no directory for the test server");
    return name;
  }
  static PrivateServer start(const std::filesystem::path& directory) {
    auto server = PrivateServer::start(directory, {.ephemeral = true, .settings = {}});
    if (!server) throw std::runtime_error(server.error().message);
    return std::move(*server);
  }
  std::filesystem::path directory_;
  PrivateServer server_;
};

TestServer& the_server() {
  static TestServer server;
  return server;
}

std::string copied_database() {
  static int number = 0;
  const auto name = "world_" + std::to_string(++number);
  the_server().connect("").run("create database " + name + " template migrated").value();
  return the_server().server().conninfo() + " dbname=" + name;
}

}  // namespace

PrivateServer& test_server() {
  return the_server().server();
}

std::string socket_directory(const std::string& conninfo) {
  const auto begin = conninfo.find("host='") + 6;
  return conninfo.substr(begin, conninfo.find('\'', begin) - begin);
}

PgWorld::PgWorld() : conninfo_(copied_database()), sql_(connect()) {}

BlockingConnection PgWorld::connect() {
  auto opened = BlockingConnection::open(conninfo_);
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
  return std::move(*opened);
}

void PgWorld::run_until(const std::function<bool()>& it_is_so) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!it_is_so()) {
    REQUIRE_MESSAGE(std::chrono::steady_clock::now() < until, "waited in vain");
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(100));
  }
}

void PgWorld::make_silent(const std::string& node) {
  sql("update skald.heartbeat set beaten_at = now() - interval '1 minute' "
      "where writer in (select writer from skald.writer where node = $1)",
      {node});
}

std::vector<BlockingConnection::Row> PgWorld::sql(const std::string& text,
                                                  const BlockingConnection::Row& parameters) {
  auto rows = sql_->run(text, parameters);
  REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().message));
  return *rows;
}

std::string PgWorld::value(const std::string& text, const BlockingConnection::Row& parameters) {
  const auto rows = sql(text, parameters);
  REQUIRE(!rows.empty());
  return rows.front().front().value_or("");
}

}  // namespace skald::store::testing
