// The table of everything that can be configured.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <sstream>
#include <thread>

#include "api/config.hpp"
#include "api/replay/retain_log.hpp"

namespace skald::api {
namespace {

Result<std::uint64_t> read_integer(const std::string& text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, number);
  if (failure == std::errc() && stopped == end && number >= least && number <= most) return number;
  return invalid("expected an integer from " + std::to_string(least) + " to " + std::to_string(most));
}

template <class T>
Result<void> integer_into(T& place, const std::string& text, std::uint64_t least,
                          std::uint64_t most = std::numeric_limits<T>::max()) {
  const auto number = read_integer(text, least, most);
  if (!number) return number.error();
  place = static_cast<T>(*number);
  return {};
}

// "1048576", "16KiB", "1MiB"
Result<void> bytes_into(std::size_t& place, const std::string& text) {
  constexpr std::uint64_t kMostBytes = 1u << 30;
  std::uint64_t unit = 1;
  std::string digits = text;
  if (text.ends_with("KiB")) unit = 1u << 10;
  if (text.ends_with("MiB")) unit = 1u << 20;
  if (unit != 1) digits.resize(digits.size() - 3);
  const auto number = read_integer(digits, 1, kMostBytes / unit);
  if (!number) return invalid("expected a size such as 16KiB or 1MiB, at most 1024MiB");
  place = *number * unit;
  return {};
}

Result<void> duration_into(Duration& place, const std::string& text) {
  const auto span = parse_duration(text);
  if (!span) return span.error();
  if (*span <= Duration::zero()) return invalid("expected a duration above zero");
  place = *span;
  return {};
}

Result<void> retain_into(std::optional<Duration>& place, const std::string& text) {
  place.reset();
  if (text == "forever") return {};
  const auto age = retention_age(text);
  if (!age) return age.error();
  place = *age;
  return {};
}

Result<void> boolean_into(bool& place, const std::string& text) {
  if (text != "true" && text != "false") return invalid("expected true or false");
  place = text == "true";
  return {};
}

Result<void> word_into(std::string& place, const std::string& text,
                       std::initializer_list<std::string_view> words) {
  if (std::find(words.begin(), words.end(), text) == words.end()) {
    std::string expected = "expected one of";
    for (const auto word : words) expected += " " + std::string(word);
    return invalid(expected);
  }
  place = text;
  return {};
}

Result<void> text_into(std::string& place, const std::string& text) {
  place = text;
  return {};
}

// Origins with blanks between, each scheme://host[:port] without a slash at its end, as browsers send it.
Result<void> origins_into(Origins& place, const std::string& text) {
  Origins origins;
  std::istringstream words(text);
  for (std::string word; words >> word; origins.push_back(word))
    if (word != "*" && (word.find("://") == std::string::npos || word.ends_with('/')))
      return invalid("expected *, or origins such as https://shop.example, with blanks between");
  place = std::move(origins);
  return {};
}

// PostgreSQL, the services and the kernel need cores too.
Result<void> lanes_into(unsigned& place, const std::string& text) {
  constexpr std::uint64_t kMostLanes = 64;  // as many as a database has partitions by default
  if (text != "auto") return integer_into(place, text, 1, kMostLanes);
  place = std::max(1u, std::thread::hardware_concurrency() / 4);
  return {};
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  using Text = const std::string&;
  static const std::vector<ConfigKey> keys{
      {"listen", "ADDRESS", "127.0.0.1", "address to serve on; beyond loopback only with insecure", false,
       [](Config& c, Text text) { return text_into(c.listen, text); }},
      {"port", "NUMBER", "8088", "port to serve on; 0 takes any free one", false,
       [](Config& c, Text text) { return integer_into(c.port, text, 0); }},
      {"insecure", "BOOLEAN", "false", "serve beyond loopback although there is no authentication yet", false,
       [](Config& c, Text text) { return boolean_into(c.insecure, text); }},
      {"database-url", "URL", "", "PostgreSQL: postgresql://… or a libpq connection string", true,
       [](Config& c, Text text) { return text_into(c.database_url, text); }},
      {"node", "NAME", "auto", "name of this node, the same after a restart; auto is host name and port",
       false, [](Config& c, Text text) { return text_into(c.node, text); }},
      {"lanes", "NUMBER", "auto", "threads that drive sagas; auto is one for four cores", false,
       [](Config& c, Text text) { return lanes_into(c.lanes, text); }},
      {"definitions", "DIR", "", "directory whose *.saga.yaml are put at start", false,
       [](Config& c, Text text) { return text_into(c.definitions, text); }},
      {"services", "FILE", "", "services.yaml", false,
       [](Config& c, Text text) { return text_into(c.services, text); }},
      {"log-level", "LEVEL", "info", "trace, debug, info, warn or error", false,
       [](Config& c, Text text) {
         return word_into(c.log_level, text, {"trace", "debug", "info", "warn", "error"});
       }},
      {"log-format", "FORMAT", "text", "text, or json: one object per line", false,
       [](Config& c, Text text) {
         std::string format;
         const auto done = word_into(format, text, {"text", "json"});
         c.log_json = format == "json";
         return done;
       }},
      {"start-patience", "DURATION", "30s",
       "how long a start waits for answerAfter where the client does not say", false,
       [](Config& c, Text text) { return duration_into(c.start_patience, text); }},
      {"drain", "DURATION", "10s", "how long a stop waits for answers in flight", false,
       [](Config& c, Text text) { return duration_into(c.drain, text); }},
      {"retain", "DURATION", "forever",
       "how long sagas stay in the log after their end, at least 7d; then they leave it, whole segments at a "
       "time",
       false, [](Config& c, Text text) { return retain_into(c.retain, text); }},
      {"retain-export", "DIR", "", "where sagas are written to, as an exported log, before they leave", false,
       [](Config& c, Text text) { return text_into(c.retain_export, text); }},
      {"retain-every", "DURATION", "1h", "how often is looked for sagas that may leave", false,
       [](Config& c, Text text) { return duration_into(c.retain_every, text); }},
      {"max-active-sagas", "NUMBER", "100000",
       "sagas in memory of each lane; above it starts are answered 503", false,
       [](Config& c, Text text) { return integer_into(c.max_active_sagas, text, 1); }},
      {"max-connections", "NUMBER", "10000", "connections of each lane; above it they are answered 503",
       false, [](Config& c, Text text) { return integer_into(c.limits.connections, text, 1); }},
      {"cors-origins", "ORIGINS", "", "whose pages may ask from a browser: origins with blanks between, or *",
       false, [](Config& c, Text text) { return origins_into(c.cors_origins, text); }},
      {"max-body", "SIZE", "1MiB", "body of a request; above it 413", false,
       [](Config& c, Text text) { return bytes_into(c.limits.body_bytes, text); }},
      {"max-header", "SIZE", "16KiB", "header of a request; above it 431", false,
       [](Config& c, Text text) { return bytes_into(c.limits.head_bytes, text); }},
      {"header-timeout", "DURATION", "5s", "from the first byte of a request to the end of its header", false,
       [](Config& c, Text text) { return duration_into(c.limits.head_time, text); }},
      {"body-timeout", "DURATION", "30s", "for the body of a request", false,
       [](Config& c, Text text) { return duration_into(c.limits.body_time, text); }},
      {"idle-timeout", "DURATION", "60s", "between two requests of a connection", false,
       [](Config& c, Text text) { return duration_into(c.limits.idle_time, text); }},
  };
  return keys;
}

std::string variable_of(const ConfigKey& key) {
  std::string name = "SKALD_";
  for (const char c : key.name) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

std::string member_of(const ConfigKey& key) {
  std::string name;
  bool capital = false;
  for (const char c : key.name) {
    if (c != '-') name += capital ? static_cast<char>(std::toupper(c)) : c;
    capital = c == '-';
  }
  return name;
}

}  // namespace skald::api
