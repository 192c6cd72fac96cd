// The head of an HTTP/1.1 message, read strictly (RFC 9112): the start line, the fields, and how the body is
// framed. What two parsers could understand differently (bare line feeds, folded lines, two lengths, a length
// beside chunks, blanks before a colon, …) is an error. The only parser of heads: the client reads answers
// with it, the front end requests, so there is no second opinion behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.hpp"
#include "engine/runtime/http_message.hpp"

namespace skald::runtime {

// Looks for the empty line that ends a head. It keeps its place: a head that dribbles in is scanned once.
class HeadScanner {
 public:
  enum class Found { NotYet, End, BareLineFeed };

  // `received`: all bytes from the beginning of the head on.
  Found scan(std::string_view received);
  // Bytes looked through: up to and with the empty line or the bare line feed, once one was found. Whether a
  // head is too long is to be asked first, so that the answer does not depend on how its bytes came.
  std::size_t size() const { return scanned_; }
  void restart() { scanned_ = line_begin_ = 0; }

 private:
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
};

struct RequestHead {
  std::string method;
  std::string target;
  int minor_version = 1;  // of HTTP/1
  HttpFields fields;
};

struct AnswerHead {
  int status = 0;
  int minor_version = 1;
  HttpFields fields;
};

// `head` ends with the empty line. Every failure is ErrorKind::Invalid and says which rule was broken.
Result<RequestHead> parse_request_head(std::string_view head);
Result<AnswerHead> parse_answer_head(std::string_view head);

enum class BodyKind { None, Length, Chunked, UntilClose };
struct BodyFraming {
  BodyKind kind = BodyKind::None;
  std::uint64_t length = 0;  // of a body of kind Length
};

// RFC 9112 section 6.3, without its leniencies.
Result<BodyFraming> request_framing(const RequestHead& head);
// An answer to HEAD, and one with 1xx, 204 or 304, has no body whatever its fields say.
Result<BodyFraming> answer_framing(const AnswerHead& head, std::string_view request_method);

// Whether the sender means to keep the connection for another message.
bool keeps_alive(int minor_version, const HttpFields& fields);

// What may stand in a head (RFC 9110 sections 5.1, 5.5, 5.6.2): used for reading and for writing.
bool is_token(std::string_view text);
bool is_field_value(std::string_view text);
bool is_target(std::string_view text);

}  // namespace skald::runtime
