#include "api/cli/machine_checks.hpp"

#include <unistd.h>

#include <system_error>

#include "api/descriptors.hpp"
#include "api/http/server.hpp"

namespace skald::api {
namespace {

namespace fs = std::filesystem;

Finding check_descriptors() {
  const std::size_t wanted = ServerLimits{}.connections + kDescriptorsBeside;
  const std::size_t possible = descriptors_to_be_had();
  const auto shown = "at most " + std::to_string(possible);
  if (possible >= wanted) return fine("open files", shown);
  return doubtful("open files",
                  shown + ": so only " + std::to_string(connections_within(possible, 1)) +
                      " connections are taken, not 10000",
                  "raise the hard limit to " + std::to_string(wanted) +
                      " (ulimit -Hn, LimitNOFILE of systemd), or lower maxConnections");
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
