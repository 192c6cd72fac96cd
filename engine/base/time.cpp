#include "engine/base/time.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace skald {
namespace {

using Days = std::chrono::sys_days;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
// 1,000 years: longer spans are typing errors, and stay far from overflow.
constexpr std::int64_t kLongestDuration = 365'000 * kDay;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // Exactly `count` digits, or one to twelve when count is 0.
  std::optional<std::int64_t> digits(std::size_t count = 0) {
    std::size_t n = 0;
    std::int64_t value = 0;
    while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9' && n < (count ? count : 12))
      value = value * 10 + (rest_[n++] - '0');
    if (n == 0 || (count && n != count)) return std::nullopt;
    rest_.remove_prefix(n);
    return value;
  }
  // What follows a decimal point, as microseconds; further digits are cut off.
  std::optional<std::int64_t> fraction() {
    std::int64_t micros = 0, scale = kSecond / 10;
    std::size_t n = 0;
    for (; n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9'; ++n, scale /= 10)
      micros += (rest_[n] - '0') * scale;
    if (n == 0) return std::nullopt;
    rest_.remove_prefix(n);
    return micros;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> unit_of(Scanner& scan) {
  if (scan.take("ms")) return 1'000;
  if (scan.take('s')) return kSecond;
  if (scan.take('m')) return 60 * kSecond;
  if (scan.take('h')) return 3'600 * kSecond;
  if (scan.take('d')) return kDay;
  return std::nullopt;
}

std::optional<std::int64_t> parse_iso_duration(Scanner scan) {
  std::int64_t total = 0;
  bool in_time = false, any = false;
  if (!scan.take('P')) return std::nullopt;
  while (!scan.done()) {
    if (!in_time && scan.take('T')) {
      in_time = true;
      any = false;
      continue;
    }
    const auto whole = scan.digits();
    if (!whole) return std::nullopt;
    std::int64_t micros = 0;
    const bool fractional = scan.take('.');
    if (fractional) {
      const auto parsed = scan.fraction();
      if (!parsed) return std::nullopt;
      micros = *parsed;
    }
    std::int64_t unit = 0;
    if (!in_time && scan.take('W'))
      unit = 7 * kDay;
    else if (!in_time && scan.take('D'))
      unit = kDay;
    else if (in_time && scan.take('H'))
      unit = 3'600 * kSecond;
    else if (in_time && scan.take('M'))
      unit = 60 * kSecond;
    else if (in_time && scan.take('S'))
      unit = kSecond;
    else
      return std::nullopt;
    if (fractional && unit != kSecond) return std::nullopt;
    if (*whole > kLongestDuration / unit) return std::nullopt;
    total += *whole * unit + micros;
    any = true;
  }
  if (!any || total > kLongestDuration) return std::nullopt;
  return total;
}

std::optional<std::int64_t> parse_short_duration(Scanner scan) {
  const auto amount = scan.digits();
  if (!amount) return std::nullopt;
  const auto unit = unit_of(scan);
  if (!unit || !scan.done() || *amount > kLongestDuration / *unit) return std::nullopt;
  return *amount * *unit;
}

std::optional<Timestamp> at(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour,
                            std::int64_t minute, std::int64_t second) {
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // A leap second (60) is counted as the second after 59, as POSIX time does.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = Days{date}.time_since_epoch().count();
  return Timestamp{days * kDay + ((hour * 60 + minute) * 60 + second) * kSecond};
}

std::optional<Timestamp> scan_rfc3339(Scanner scan) {
  const auto year = scan.digits(4);
  if (!year || !scan.take('-')) return std::nullopt;
  const auto month = scan.digits(2);
  if (!month || !scan.take('-')) return std::nullopt;
  const auto day = scan.digits(2);
  if (!day || !(scan.take('T') || scan.take('t') || scan.take(' '))) return std::nullopt;
  const auto hour = scan.digits(2);
  if (!hour || !scan.take(':')) return std::nullopt;
  const auto minute = scan.digits(2);
  if (!minute || !scan.take(':')) return std::nullopt;
  const auto second = scan.digits(2);
  if (!second) return std::nullopt;
  auto when = at(*year, *month, *day, *hour, *minute, *second);
  if (!when) return std::nullopt;
  if (scan.take('.')) {
    const auto micros = scan.fraction();
    if (!micros) return std::nullopt;
    when->microseconds += *micros;
  }
  if (scan.take('Z') || scan.take('z')) return scan.done() ? when : std::nullopt;
  const bool east = scan.take('+');
  if (!east && !scan.take('-')) return std::nullopt;
  const auto offset_hours = scan.digits(2);
  if (!offset_hours || !scan.take(':')) return std::nullopt;
  const auto offset_minutes = scan.digits(2);
  if (!offset_minutes || !scan.done() || *offset_hours > 23 || *offset_minutes > 59) return std::nullopt;
  const std::int64_t offset = (*offset_hours * 60 + *offset_minutes) * 60 * kSecond;
  when->microseconds += east ? -offset : offset;
  return when;
}

std::optional<Timestamp> scan_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
  Scanner scan(text.substr(5, 20));
  const auto day = scan.digits(2);
  if (!day || !scan.take(' ')) return std::nullopt;
  std::int64_t month = 0;
  for (std::size_t i = 0; i < kMonths.size() && month == 0; ++i)
    if (scan.take(kMonths[i])) month = static_cast<std::int64_t>(i) + 1;
  if (month == 0 || !scan.take(' ')) return std::nullopt;
  const auto year = scan.digits(4);
  if (!year || !scan.take(' ')) return std::nullopt;
  const auto hour = scan.digits(2);
  if (!hour || !scan.take(':')) return std::nullopt;
  const auto minute = scan.digits(2);
  if (!minute || !scan.take(':')) return std::nullopt;
  const auto second = scan.digits(2);
  if (!second || !scan.done()) return std::nullopt;
  return at(*year, month, *day, *hour, *minute, *second);
}

// At least so many digits, as %0*d has it, and what follows them.
void append_padded(std::string& out, int number, std::size_t digits, char follows) {
  char text[12];
  const bool negative = number < 0;
  const char* const end = std::to_chars(text, text + sizeof text, negative ? -number : number).ptr;
  const std::string_view shown(text, static_cast<std::size_t>(end - text));
  const std::size_t size = shown.size() + (negative ? 1 : 0);
  if (negative) out += '-';
  if (size < digits) out.append(digits - size, '0');
  out.append(shown) += follows;
}

}  // namespace

Timestamp system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Duration>(since).count()};
}

// Written for every event, answer and deadline: printf takes five times as long.
std::string to_rfc3339(Timestamp at) {
  const std::chrono::sys_time<Duration> point{Duration{at.microseconds}};
  const auto midnight = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{point - midnight};
  std::string text;
  text.reserve(32);
  append_padded(text, int(date.year()), 4, '-');
  append_padded(text, int(unsigned(date.month())), 2, '-');
  append_padded(text, int(unsigned(date.day())), 2, 'T');
  append_padded(text, int(clock.hours().count()), 2, ':');
  append_padded(text, int(clock.minutes().count()), 2, ':');
  const auto micros = clock.subseconds().count();
  append_padded(text, int(clock.seconds().count()), 2, micros != 0 ? '.' : 'Z');
  if (micros != 0) append_padded(text, int(micros), 6, 'Z');
  return text;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  if (const auto when = scan_rfc3339(Scanner{text})) return *when;
  return invalid("'" + std::string(text) + "' is not a time like 2026-11-21T07:00:00Z");
}

Result<Timestamp> parse_http_date(std::string_view text) {
  if (const auto when = scan_http_date(text)) return *when;
  return invalid("'" + std::string(text) + "' is not an HTTP date");
}

Result<Duration> parse_duration(std::string_view text) {
  const auto micros =
      text.starts_with('P') ? parse_iso_duration(Scanner{text}) : parse_short_duration(Scanner{text});
  if (micros) return Duration{*micros};
  return invalid("'" + std::string(text) + "' is not a duration like 250ms, 5s, 10m, 2h, 30d or PT5S");
}

std::string to_text(Duration span) {
  const std::int64_t micros = span.count();
  if (micros == 0) return "0s";
  if (micros % kDay == 0) return std::to_string(micros / kDay) + "d";
  if (micros % (3'600 * kSecond) == 0) return std::to_string(micros / (3'600 * kSecond)) + "h";
  if (micros % (60 * kSecond) == 0) return std::to_string(micros / (60 * kSecond)) + "m";
  if (micros % kSecond == 0) return std::to_string(micros / kSecond) + "s";
  return std::to_string(micros / 1'000) + "ms";
}

}  // namespace skald
