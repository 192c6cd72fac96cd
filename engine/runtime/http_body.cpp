#include "engine/runtime/http_body.hpp"

#include <algorithm>
#include <charconv>

namespace skald::runtime {

namespace {

// Size lines carry a number and perhaps an extension, which is ignored; longer ones are an attack.
constexpr std::size_t kMaxLineBytes = 256;
// A length is only a promise: no more memory than this is set aside for it.
constexpr std::size_t kMaxPromiseBytes = 64u << 10;
// Trailers are read and dropped; nobody here needs one.
constexpr std::size_t kMaxTrailerBytes = 4096;

// The size of a chunk (RFC 9112 section 7.1): hexadecimal digits, then nothing or an extension after ";".
bool parse_chunk_size(std::string_view line, std::uint64_t& size) {
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (failure != std::errc{}) return false;
  const auto extension = line.substr(static_cast<std::size_t>(end - line.data()));
  return extension.empty() || (extension.front() == ';' && is_field_value(extension));
}

}  // namespace

HttpBodyReader::HttpBodyReader(BodyFraming framing, std::size_t max_bytes)
    : framing_(framing), max_bytes_(max_bytes), missing_(framing.length) {}

HttpBodyReader::State HttpBodyReader::read(std::string_view& input, std::string& body) {
  switch (framing_.kind) {
    case BodyKind::None: return State::Complete;
    case BodyKind::Length: return read_length(input, body);
    case BodyKind::Chunked: return read_chunked(input, body);
    case BodyKind::UntilClose: return read_until_close(input, body);
  }
  return State::Broken;
}

HttpBodyReader::State HttpBodyReader::at_end_of_stream() const {
  return framing_.kind == BodyKind::UntilClose ? State::Complete : State::Broken;
}

HttpBodyReader::State HttpBodyReader::read_length(std::string_view& input, std::string& body) {
  if (framing_.length > max_bytes_) return State::TooLarge;
  if (body.empty()) body.reserve(std::min<std::uint64_t>(framing_.length, kMaxPromiseBytes));
  take(input, body);
  return missing_ == 0 ? State::Complete : State::Reading;
}

HttpBodyReader::State HttpBodyReader::read_until_close(std::string_view& input, std::string& body) const {
  if (input.size() > max_bytes_ - body.size()) return State::TooLarge;
  body.append(input);
  input = {};
  return State::Reading;
}

HttpBodyReader::State HttpBodyReader::read_chunked(std::string_view& input, std::string& body) {
  while (true) {
    if (part_ == ChunkPart::Data) {
      take(input, body);
      if (missing_ > 0) return State::Reading;
      part_ = ChunkPart::AfterData;
    }
    const Line line = take_line(input);
    if (line == Line::Broken) return State::Broken;
    if (line == Line::Incomplete) return State::Reading;
    if (part_ == ChunkPart::SizeLine) {
      const State state = begin_chunk(body.size());
      if (state != State::Reading) return state;
    } else if (part_ == ChunkPart::AfterData) {
      if (!line_.empty()) return State::Broken;
      part_ = ChunkPart::SizeLine;
    } else {
      if (line_.empty()) return State::Complete;
      trailer_bytes_ += line_.size();
      if (trailer_bytes_ > kMaxTrailerBytes) return State::TooLarge;
    }
    line_.clear();
  }
}

HttpBodyReader::State HttpBodyReader::begin_chunk(std::size_t already) {
  if (!parse_chunk_size(line_, missing_)) return State::Broken;
  if (missing_ > max_bytes_ - already) return State::TooLarge;
  part_ = missing_ == 0 ? ChunkPart::Trailer : ChunkPart::Data;
  return State::Reading;
}

void HttpBodyReader::take(std::string_view& input, std::string& body) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, input.size()));
  body.append(input.substr(0, count));
  input.remove_prefix(count);
  missing_ -= count;
}

// A line is complete in line_, without its CRLF, which is not optional.
HttpBodyReader::Line HttpBodyReader::take_line(std::string_view& input) {
  const auto line_feed = input.find('\n');
  const auto count = line_feed == std::string_view::npos ? input.size() : line_feed + 1;
  if (line_.size() + count > kMaxLineBytes) return Line::Broken;
  line_.append(input.substr(0, count));
  input.remove_prefix(count);
  if (line_feed == std::string_view::npos) return Line::Incomplete;
  if (!line_.ends_with("\r\n")) return Line::Broken;
  line_.resize(line_.size() - 2);
  return Line::Complete;
}

}  // namespace skald::runtime
