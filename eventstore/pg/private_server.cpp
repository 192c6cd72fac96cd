#include "eventstore/pg/private_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "engine/base/sha256.hpp"
#include "eventstore/pg/blocking.hpp"

namespace skald::store {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto kStartPatience = 60s;  // crash recovery after a kill may replay a lot of log
constexpr auto kStopPatience = 30s;
constexpr auto kLockPatience = 3s;
constexpr auto kLookAgain = 10ms;

// PostgreSQL refuses to run as root, so for root another user runs it.
struct User {
  uid_t uid;
  gid_t gid;
  bool changes;  // whether this process has to become it
};

std::optional<User> unprivileged_user() {
  if (geteuid() != 0) return User{geteuid(), getegid(), false};
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* found = getpwnam(name)) return User{found->pw_uid, found->pw_gid, true};
  }
  return std::nullopt;
}

// Newest version first: Debian's place, then PATH.
std::optional<fs::path> find_binaries() {
  std::vector<std::pair<int, fs::path>> versions;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
    if (fs::exists(entry.path() / "bin/postgres", none)) {
      versions.emplace_back(std::atoi(entry.path().filename().c_str()), entry.path() / "bin");
    }
  }
  if (!versions.empty()) return std::max_element(versions.begin(), versions.end())->second;
  std::stringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');) {
    if (fs::exists(fs::path(folder) / "postgres", none) && fs::exists(fs::path(folder) / "initdb", none))
      return folder;
  }
  return std::nullopt;
}

// Starts a program as `user` with its output in a file. It dies with the thread that started it.
pid_t spawn(const std::vector<std::string>& command, const User& user, const fs::path& output,
            int parent_death_signal) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  // From here to execv only what is safe after fork in a program with threads.
  const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (log < 0 || null < 0) _exit(126);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  setpgid(0, 0);  // Ctrl-C at the terminal is for us; we stop the server when we are done with it
  if (user.changes && (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0))
    _exit(126);
  // After setuid, which would clear it. The parent may have died before this line.
  prctl(PR_SET_PDEATHSIG, parent_death_signal);
  if (getppid() != parent) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

std::string tail_of(const fs::path& file) {
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  constexpr std::size_t kEnough = 2'000;
  return text.size() > kEnough ? text.substr(text.size() - kEnough) : text;
}

// The status of a process that has ended, nothing while it runs.
std::optional<int> ended(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, WNOHANG) == 0) return std::nullopt;
  return status;
}

std::optional<int> wait_for_end(pid_t pid, std::chrono::steady_clock::duration patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until) {
    if (const auto status = ended(pid)) return status;
    std::this_thread::sleep_for(kLookAgain);
  }
  return std::nullopt;
}

// Each directory above must let that user through; only the last one becomes its own.
Result<void> make_directory(const fs::path& directory, const User& user) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) return unexpected("cannot create " + directory.string() + ": " + failed.message());
  if (user.changes && chown(directory.c_str(), user.uid, user.gid) != 0) {
    return unexpected("cannot give " + directory.string() + " to the user of the database server");
  }
  fs::permissions(directory, fs::perms::owner_all, failed);
  return {};
}

Result<void> initialize(const fs::path& binaries, const fs::path& cluster, const User& user,
                        const fs::path& output) {
  // Written beside and renamed: an initialization that was interrupted leaves nothing that looks complete.
  const fs::path fresh = cluster.string() + ".new";
  std::error_code none;
  fs::remove_all(fresh, none);
  const pid_t child =
      spawn({(binaries / "initdb").string(), "--pgdata=" + fresh.string(), "--username=skald", "--auth=trust",
             "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync"},
            user, output, SIGKILL);
  const auto status = wait_for_end(child, kStartPatience);
  if (!status || *status != 0) return unexpected("initdb failed:\n" + tail_of(output));
  fs::rename(fresh, cluster, none);
  if (none) return unexpected("cannot rename " + fresh.string() + ": " + none.message());
  return {};
}

std::optional<pid_t> lock_holder(const fs::path& cluster) {
  std::ifstream lock(cluster / "postmaster.pid");
  pid_t pid = 0;
  if (!(lock >> pid) || pid <= 0) return std::nullopt;
  return pid;
}

// The process that holds the lock of this cluster, if it lives and is a server.
std::optional<pid_t> running_server(const fs::path& cluster) {
  const auto pid = lock_holder(cluster);
  if (!pid) return std::nullopt;
  std::ifstream command("/proc/" + std::to_string(*pid) + "/comm");
  std::string name;
  std::getline(command, name);
  if (name != "postgres" && name != "postmaster") return std::nullopt;
  return pid;
}

// Whether that user may walk down to the directory. Below /root, say, it may not.
bool reachable(const fs::path& directory, const User& user) {
  if (!user.changes) return true;
  for (auto at = directory; at.has_relative_path(); at = at.parent_path()) {
    struct stat found {};
    if (stat(at.c_str(), &found) != 0) return false;
    const auto needed = found.st_uid == user.uid ? S_IXUSR : found.st_gid == user.gid ? S_IXGRP : S_IXOTH;
    if (!(found.st_mode & needed)) return false;
  }
  return true;
}

// A place of its own for this directory, always the same, and a link to it where a person would look.
Result<fs::path> put_elsewhere(const fs::path& directory, const User& user) {
  const auto place = fs::path("/var/lib/skald") / sha256_hex(directory.string()).substr(0, 16);
  if (auto made = make_directory(place, user); !made) return made.error();
  std::error_code none;
  fs::create_directory_symlink(place, directory / "postgresql", none);
  return place;
}

// A server that is shutting down, because the process that owned it just died, is waited for. A lock whose
// process is some other program by now would keep PostgreSQL from starting; all other stale locks it sees
// through itself, and better, because it also looks for backends that survived.
Result<void> wait_for_lock(const fs::path& cluster) {
  const auto until = std::chrono::steady_clock::now() + kLockPatience;
  while (const auto pid = running_server(cluster)) {
    if (std::chrono::steady_clock::now() > until) {
      return conflict("another PostgreSQL (process " + std::to_string(*pid) + ") already runs on " +
                      cluster.string());
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  if (const auto pid = lock_holder(cluster); pid && kill(*pid, 0) == 0) {
    std::error_code none;
    fs::remove(cluster / "postmaster.pid", none);
  }
  return {};
}

// A Unix socket's path has about 107 bytes (sun_path); a deeper directory gets its socket elsewhere.
bool fits_a_socket(const fs::path& directory) {
  return (directory / ".s.PGSQL.65535").string().size() < sizeof(sockaddr_un::sun_path);
}

Result<fs::path> short_directory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  for (const std::string base : {geteuid() != 0 && runtime ? runtime : "/tmp", "/tmp"}) {
    std::string name = base + "/skald-XXXXXX";
    if (name.size() < 80 && mkdtemp(name.data())) return fs::path(name);
  }
  return unexpected("cannot make a directory for the database's socket");
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

Result<void> create_database(const std::string& conninfo) {
  auto maintenance = BlockingConnection::open(conninfo + " dbname=postgres");
  if (!maintenance) return maintenance.error();
  auto there = maintenance->run("select from pg_database where datname = 'skald'");
  if (!there) return there.error();
  if (!there->empty()) return {};
  auto created = maintenance->run("create database skald");
  if (!created) return created.error();
  return {};
}

std::vector<std::string> server_command(const fs::path& binaries, const fs::path& cluster,
                                        const fs::path& sockets, const PrivateServerOptions& options) {
  std::vector<std::string> command{(binaries / "postgres").string(), "-D", cluster.string()};
  const auto set = [&](const std::string& setting) { command.insert(command.end(), {"-c", setting}); };
  set("listen_addresses=");
  set("unix_socket_directories=" + sockets.string());
  set("unix_socket_permissions=0700");
  set("max_connections=200");
  set("jit=off");
  if (options.ephemeral) {
    set("fsync=off");
    set("full_page_writes=off");
  }
  for (const auto& setting : options.settings) set(setting);
  return command;
}

Result<void> wait_until_ready(pid_t server, const std::string& conninfo, const fs::path& output) {
  const auto until = std::chrono::steady_clock::now() + kStartPatience;
  while (std::chrono::steady_clock::now() < until) {
    if (BlockingConnection::open(conninfo + " dbname=postgres")) return {};
    if (ended(server)) return unexpected("PostgreSQL did not start:\n" + tail_of(output));
    std::this_thread::sleep_for(kLookAgain);
  }
  return unexpected("PostgreSQL did not get ready in time:\n" + tail_of(output));
}

}  // namespace

Result<PrivateServer> PrivateServer::start(const fs::path& directory, PrivateServerOptions options) {
  const auto user = unprivileged_user();
  if (!user)
    return unexpected("PostgreSQL does not run as root, and there is no user postgres or nobody to run it");
  const auto binaries = find_binaries();
  if (!binaries) {
    return unavailable(
        "no PostgreSQL server on this machine: install it (Debian: apt-get install postgresql), or name a "
        "database with --database-url");
  }
  auto home = fs::absolute(directory);
  if (auto made = make_directory(home, *user); !made) return made.error();
  if (!reachable(home, *user)) {
    auto elsewhere = put_elsewhere(home, *user);
    if (!elsewhere) return elsewhere.error();
    home = *elsewhere;
  }
  const auto cluster = home / "data", output = home / "server.log";
  std::error_code none;
  fs::remove(output, none);
  if (!fs::exists(cluster / "PG_VERSION", none)) {
    if (auto done = initialize(*binaries, cluster, *user, output); !done) return done.error();
  }
  if (auto free = wait_for_lock(cluster); !free) return free.error();

  PrivateServer server;
  server.socket_directory_ = home;
  if (!fits_a_socket(home)) {
    auto elsewhere = short_directory();
    if (!elsewhere) return elsewhere.error();
    server.socket_directory_ = *elsewhere;
    server.owns_socket_directory_ = true;
    if (auto made = make_directory(*elsewhere, *user); !made) return made.error();
  }
  const auto command = server_command(*binaries, cluster, server.socket_directory_, options);
  server.pid_ = spawn(command, *user, output, SIGINT);
  server.conninfo_ = "host=" + quoted(server.socket_directory_.string()) + " user=skald";
  if (auto ready = wait_until_ready(server.pid_, server.conninfo_, output); !ready) return ready.error();
  if (auto created = create_database(server.conninfo_); !created) return created.error();
  server.conninfo_ += " dbname=skald";
  return server;
}

PrivateServer::PrivateServer(PrivateServer&& other) noexcept {
  *this = std::move(other);
}

PrivateServer& PrivateServer::operator=(PrivateServer&& other) noexcept {
  std::swap(conninfo_, other.conninfo_);
  std::swap(socket_directory_, other.socket_directory_);
  std::swap(owns_socket_directory_, other.owns_socket_directory_);
  std::swap(pid_, other.pid_);
  return *this;
}

PrivateServer::~PrivateServer() {
  stop();
}

void PrivateServer::stop() {
  if (pid_ > 0) {
    const pid_t pid = std::exchange(pid_, -1);
    kill(pid, SIGINT);
    if (!wait_for_end(pid, kStopPatience)) {
      kill(pid, SIGQUIT);  // no checkpoint; the next start recovers
      wait_for_end(pid, kStopPatience);
    }
  }
  if (std::exchange(owns_socket_directory_, false)) {
    std::error_code none;
    fs::remove_all(socket_directory_, none);
  }
}

}  // namespace skald::store
