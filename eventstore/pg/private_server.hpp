// PrivateServer: a PostgreSQL of one's own, from the server binaries on this machine. Reached by a Unix
// socket only, data kept in a directory, gone with the thread that started it (so start it from the main
// one). For `skald dev` and for tests; blocking. Started by root, it runs as the user postgres or nobody.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::store {

struct PrivateServerOptions {
  // No fsync and nothing worth keeping: for tests and for `skald dev --ephemeral`.
  bool ephemeral = false;
  // Further settings, as "name=value".
  std::vector<std::string> settings;
};

class PrivateServer {
 public:
  // Starts the server on `directory`, which is created and initialized where it is empty. A lock left behind
  // by a server that died is taken over; a server that still runs there is an error (Conflict).
  static Result<PrivateServer> start(const std::filesystem::path& directory,
                                     PrivateServerOptions options = {});

  PrivateServer(PrivateServer&& other) noexcept;
  PrivateServer& operator=(PrivateServer&& other) noexcept;
  ~PrivateServer();  // stops it

  // For libpq: the database "skald" as its superuser.
  const std::string& conninfo() const { return conninfo_; }
  // The server process, for tests that send it signals.
  pid_t pid() const { return pid_; }
  // Fast shutdown: sessions are ended, everything is written. Waits for it; nothing when it is stopped
  // already.
  void stop();

 private:
  PrivateServer() = default;
  std::string conninfo_;
  std::filesystem::path socket_directory_;
  bool owns_socket_directory_ = false;
  pid_t pid_ = -1;
};

}  // namespace skald::store
