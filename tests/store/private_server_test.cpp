// PrivateServer: starts anywhere, keeps its data, recovers from being killed, and is there once.
#include "eventstore/pg/private_server.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "eventstore/pg/blocking.hpp"

using namespace skald;
using namespace skald::store;

namespace {

struct Directory {
  Directory() {
    std::string name = "/tmp/skald-private-XXXXXX";
    REQUIRE(mkdtemp(name.data()));
    path = name;
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

constexpr PrivateServerOptions kDurable{};

// A cluster that those tests share which do not care what is in it: making one takes a second.
const std::filesystem::path& shared_cluster() {
  static const Directory directory;
  return directory.path;
}

}  // namespace

TEST_CASE(
    "private server: data outlives it, in a directory too deep for a socket, and even when it is killed") {
  Directory top;
  const auto deep = top.path / std::string(60, 'a') / std::string(60, 'b');
  {
    auto server = PrivateServer::start(deep, {.ephemeral = true, .settings = {}}).value();
    auto database = BlockingConnection::open(server.conninfo()).value();
    database.run("create table kept (n integer); insert into kept values (7)").value();
    kill(server.pid(), SIGKILL);  // the lock stays behind
  }
  CHECK(std::filesystem::exists(deep / "data/postmaster.pid"));
  auto server = PrivateServer::start(deep, {.ephemeral = true, .settings = {}}).value();
  auto database = BlockingConnection::open(server.conninfo()).value();
  CHECK(database.value("select n from kept").value() == "7");
  CHECK(database.value("show listen_addresses").value() == "");
}

TEST_CASE("private server: a lock whose number belongs to another program by now does not hold it up") {
  const auto& home = shared_cluster();
  PrivateServer::start(home, {.ephemeral = true, .settings = {}}).value().stop();
  std::ofstream(home / "data/postmaster.pid") << getpid() << "\n"
                                              << (home / "data").string() << "\n0\n5432\n";
  CHECK(PrivateServer::start(home, {.ephemeral = true, .settings = {}}).has_value());
}

TEST_CASE("private server: a second one on the same data is refused, with the process that has it") {
  const auto& home = shared_cluster();
  auto server = PrivateServer::start(home, kDurable).value();
  CHECK(BlockingConnection::open(server.conninfo()).value().value("show fsync").value() == "on");
  const auto second = PrivateServer::start(home, kDurable);
  REQUIRE(!second.has_value());
  CHECK(second.error().kind == ErrorKind::Conflict);
  CHECK(second.error().message.find(std::to_string(server.pid())) != std::string::npos);
}

TEST_CASE(
    "private server: started by root where its user may not enter, it keeps its data elsewhere and leaves a "
    "link") {
  if (geteuid() != 0) return;  // everyone else runs it as oneself
  Directory top;
  std::filesystem::permissions(top.path, std::filesystem::perms(0700));
  const auto home = top.path / "home";
  auto server = PrivateServer::start(home, {.ephemeral = true, .settings = {}}).value();
  const auto place = std::filesystem::read_symlink(home / "postgresql");
  CHECK(std::filesystem::exists(place / "data/PG_VERSION"));
  server.stop();
  std::filesystem::remove_all(place);
}

TEST_CASE("private server: it ends with the process that started it") {
  const auto& home = shared_cluster();
  int report[2];
  REQUIRE(pipe(report) == 0);
  const pid_t child = fork();
  if (child == 0) {
    auto server = PrivateServer::start(home, {.ephemeral = true, .settings = {}}).value();
    const pid_t pid = server.pid();
    if (write(report[1], &pid, sizeof pid) != sizeof pid) _exit(1);
    kill(getpid(), SIGKILL);  // no destructor runs
  }
  pid_t server = 0;
  REQUIRE(read(report[0], &server, sizeof server) == sizeof server);
  waitpid(child, nullptr, 0);
  close(report[0]);
  close(report[1]);
  // Starting again waits for the old one to be gone: were it still there, this would be refused.
  CHECK(PrivateServer::start(home, {.ephemeral = true, .settings = {}}).has_value());
}

TEST_CASE("private server: what keeps the server from starting is told") {
  const auto& home = shared_cluster();
  const auto failed = PrivateServer::start(home, {.ephemeral = true, .settings = {"no_such_setting=1"}});
  REQUIRE(!failed.has_value());
  CHECK(failed.error().message.find("no_such_setting") != std::string::npos);
}
