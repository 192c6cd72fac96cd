// Reads the body of one message as its bytes come in, by length, in chunks, or until the connection ends, and
// never keeps more than its limit. Used by the client for answers and by the front end for requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/runtime/http_head.hpp"

namespace skald::runtime {

class HttpBodyReader {
 public:
  enum class State { Reading, Complete, TooLarge, Broken };

  HttpBodyReader() = default;  // of a message without a body
  HttpBodyReader(BodyFraming framing, std::size_t max_bytes);

  // Takes what belongs to this body off the front of `input` and adds its content to `body`. What follows the
  // body stays in `input`.
  State read(std::string_view& input, std::string& body);
  // What it means that the connection ends here.
  State at_end_of_stream() const;

 private:
  enum class ChunkPart { SizeLine, Data, AfterData, Trailer };

  State read_length(std::string_view& input, std::string& body);
  State read_until_close(std::string_view& input, std::string& body) const;
  State read_chunked(std::string_view& input, std::string& body);
  State begin_chunk(std::size_t already);
  void take(std::string_view& input, std::string& body);
  enum class Line { Incomplete, Complete, Broken };
  Line take_line(std::string_view& input);

  BodyFraming framing_;
  std::size_t max_bytes_ = 0;
  std::uint64_t missing_ = 0;  // bytes still to come of the body, or of the chunk
  ChunkPart part_ = ChunkPart::SizeLine;
  std::string line_;  // the part that has come of a size line or a trailer line
  std::size_t trailer_bytes_ = 0;
};

}  // namespace skald::runtime
