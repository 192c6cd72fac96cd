#include "api/cli/machine_checks.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <system_error>

#include "api/http/server.hpp"

namespace skald::api {
namespace {

namespace fs = std::filesystem;

// Each connection is a descriptor; services, the database and files need some too.
Finding check_descriptors() {
  constexpr rlim_t kBeside = 240;
  const rlim_t wanted = ServerLimits{}.connections + kBeside;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return doubtful("open files", "the limit cannot be asked for", "");
  const auto shown = "at most " + std::to_string(limit.rlim_cur);
  if (limit.rlim_cur >= wanted) return fine("open files", shown);
  return doubtful(
      "open files", shown + ", but 10000 connections are taken",
      "ulimit -n " + std::to_string(wanted) + " (LimitNOFILE of systemd), or lower maxConnections");
}

Finding check_directory(const fs::path& directory) {
  const auto kept = directory / ".skald";
  std::error_code failure;
  const auto& asked = fs::exists(kept, failure) ? kept : directory;
  if (access(asked.c_str(), W_OK | X_OK) == 0) return fine("directory", asked.string() + " can be written");
  return doubtful("directory", asked.string() + " cannot be written",
                  "run skald dev in another one, or give the right to write");
}

Finding check_binaries() {
  std::error_code failure;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", failure))
    if (fs::exists(version.path() / "bin/initdb", failure))
      return fine("PostgreSQL server", "binaries in " + (version.path() / "bin").string());
  return doubtful("PostgreSQL server", "no binaries in /usr/lib/postgresql",
                  "for skald dev: apt-get install postgresql, or have initdb in PATH");
}

}  // namespace

void check_machine(const fs::path& directory, Findings& findings) {
  findings.push_back(check_descriptors());
  findings.push_back(check_directory(directory));
  findings.push_back(check_binaries());
}

}  // namespace skald::api
