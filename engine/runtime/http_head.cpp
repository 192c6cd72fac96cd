#include "engine/runtime/http_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace skald::runtime {

HeadScanner::Found HeadScanner::scan(std::string_view received) {
  while (true) {
    const auto line_feed = received.find('\n', scanned_);
    if (line_feed == std::string_view::npos) {
      scanned_ = received.size();
      return Found::NotYet;
    }
    scanned_ = line_feed + 1;
    if (line_feed == line_begin_ || received[line_feed - 1] != '\r') return Found::BareLineFeed;
    const bool empty = line_feed - line_begin_ == 1;
    line_begin_ = scanned_;
    if (empty) return Found::End;
  }
}

namespace {

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet token_characters() {
  CharacterSet set{};
  for (char c = '0'; c <= '9'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr CharacterSet kToken = token_characters();

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

std::string_view without_blanks_around(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes one line off the front, without its CRLF. The scanner has seen to it that every LF follows a CR.
std::string_view take_line(std::string_view& rest) {
  const auto line_feed = rest.find('\n');
  const auto line = rest.substr(0, line_feed - 1);
  rest.remove_prefix(line_feed + 1);
  return line;
}

Result<HttpFields> parse_fields(std::string_view rest) {
  HttpFields fields;
  fields.reserve(12);
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    if (is_blank(line.front()))
      return invalid("a header line begins with a blank (folded lines are obsolete)");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return invalid("a header line has no colon");
    const auto name = line.substr(0, colon);
    if (!is_token(name)) return invalid("a header name holds a character that names must not hold");
    const auto value = without_blanks_around(line.substr(colon + 1));
    if (!is_field_value(value)) return invalid("the value of a header holds a control character");
    fields.emplace_back(name, value);
  }
  return fields;
}

// "HTTP/1.0" or "HTTP/1.1": its last digit.
Result<int> parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return invalid("only HTTP/1.1 and HTTP/1.0 are spoken here");
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return kToken[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  });
}

bool is_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_visible);
}

Result<RequestHead> parse_request_head(std::string_view rest) {
  const auto line = take_line(rest);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return invalid("the request line is not: method, one space, target, one space, version");
  RequestHead head;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_token(head.method)) return invalid("the method holds a character that methods must not hold");
  if (!is_target(head.target)) return invalid("the target holds a character that must be percent-encoded");
  const auto version = parse_version(line.substr(last + 1));
  if (!version) return version.error();
  head.minor_version = *version;
  auto fields = parse_fields(rest);
  if (!fields) return fields.error();
  head.fields = *std::move(fields);
  return head;
}

Result<AnswerHead> parse_answer_head(std::string_view rest) {
  const auto line = take_line(rest);  // "HTTP/1.1 200 OK"; the reason may be empty, its space may be missing
  AnswerHead head;
  const auto version = parse_version(line.substr(0, 8));
  if (!version) return invalid("the answer does not begin with HTTP/1.1 or HTTP/1.0");
  head.minor_version = *version;
  if (line.size() < 12 || line[8] != ' ' || (line.size() > 12 && line[12] != ' '))
    return invalid("the status line is broken");
  const auto [end, failure] = std::from_chars(line.data() + 9, line.data() + 12, head.status);
  if (failure != std::errc{} || end != line.data() + 12 || head.status < 100)
    return invalid("the status is not a number of three digits");
  if (!is_field_value(line.substr(12))) return invalid("the status line holds a control character");
  auto fields = parse_fields(rest);
  if (!fields) return fields.error();
  head.fields = *std::move(fields);
  return head;
}

}  // namespace skald::runtime
