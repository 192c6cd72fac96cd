#include "api/cli/database_checks.hpp"

#include <cstdlib>

#include "api/config.hpp"
#include "api/schema_state.hpp"
#include "engine/base/time.hpp"
#include "eventstore/pg/blocking.hpp"

namespace skald::api {
namespace {

using store::BlockingConnection;

constexpr int kOldestVersion = 150'000;  // PostgreSQL 15
// Event times come from the database; a person compares them with the clocks of services.
constexpr Duration kMuchApart = std::chrono::seconds(1);

Finding check_version(BlockingConnection& database) {
  const auto number = database.value("show server_version_num"), text = database.value("show server_version");
  if (!number || !text) return failed("version", "it cannot be asked for", "");
  if (std::atoi(number->c_str()) < kOldestVersion)
    return failed("version", "PostgreSQL " + *text, "use version 15 or newer");
  return fine("version", "PostgreSQL " + *text);
}

Finding check_encoding(BlockingConnection& database) {
  const auto encoding = database.value("show server_encoding");
  if (encoding && *encoding == "UTF8") return fine("encoding", "UTF8");
  return failed("encoding", encoding ? *encoding : encoding.error().message,
                "create the database anew: create database skald encoding 'UTF8' template template0");
}

Finding check_schema(const std::string& conninfo) {
  const auto current = schema_is_current(conninfo);
  if (!current) return failed("schema", current.error().message, "");
  const auto open = is_not_frozen(conninfo);
  return open ? fine("schema", "up to date") : failed("schema", open.error().message, "");
}

// A setting that a promise stands on: without it, what was acknowledged can be lost when the machine fails.
Finding check_setting(BlockingConnection& database, const std::string& name) {
  const auto value = database.value("show " + name);
  if (!value) return failed(name, value.error().message, "");
  if (*value != "off" && *value != "local") return fine(name, *value);
  return doubtful(name, *value + ": what was acknowledged may be lost when the machine or its primary fails",
                  "set " + name + " = on, unless this data may be lost");
}

Finding check_clock(BlockingConnection& database) {
  const auto text = database.value("select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
  if (!text) return failed("clock", text.error().message, "");
  const Duration apart{std::llabs(std::strtoll(text->c_str(), nullptr, 10) - system_now().microseconds)};
  const auto shown = to_text(std::chrono::duration_cast<std::chrono::milliseconds>(apart));
  if (apart < kMuchApart) return fine("clock", shown + " apart from the database's");
  return doubtful("clock", shown + " apart from the database's, which the events' times come from",
                  "synchronize both machines (NTP)");
}

Finding check_connections(BlockingConnection& database) {
  const auto most = database.value("show max_connections");
  const auto used =
      database.value("select count(*) from pg_stat_activity where backend_type = 'client backend'");
  if (!most || !used) return doubtful("connections", "they cannot be counted", "");
  constexpr int kForOneNode = 8;  // three of each lane, and some to spare
  const int left = std::atoi(most->c_str()) - std::atoi(used->c_str());
  const auto detail = *used + " of " + *most + " in use";
  return left >= kForOneNode
             ? fine("connections", detail)
             : doubtful("connections", detail, "raise max_connections, or put PgBouncer before it");
}

}  // namespace

void check_database(const std::string& conninfo, Findings& findings) {
  auto database = BlockingConnection::open(conninfo);
  if (!database) {
    auto finding = failed("database", database.error().message, "start it, or correct --database-url");
    finding.unreachable = true;
    return findings.push_back(std::move(finding));
  }
  findings.push_back(fine("database", "reachable: " + without_password(conninfo)));
  findings.push_back(check_version(*database));
  findings.push_back(check_encoding(*database));
  findings.push_back(check_schema(conninfo));
  for (const char* setting : {"fsync", "full_page_writes", "synchronous_commit"})
    findings.push_back(check_setting(*database, setting));
  findings.push_back(check_clock(*database));
  findings.push_back(check_connections(*database));
}

}  // namespace skald::api
