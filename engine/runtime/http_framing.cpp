// How long a body is: the place where request smuggling begins, so every doubt is an error.
#include <charconv>

#include "engine/runtime/http_head.hpp"

namespace skald::runtime {

namespace {

struct FramingFields {
  const std::string* content_length = nullptr;
  const std::string* transfer_encoding = nullptr;
};

Result<FramingFields> find_framing(const HttpFields& fields) {
  FramingFields found;
  for (const auto& [name, value] : fields) {
    if (same_ignoring_case(name, "Content-Length")) {
      if (found.content_length) return invalid("Content-Length stands there twice");
      found.content_length = &value;
    } else if (same_ignoring_case(name, "Transfer-Encoding")) {
      if (found.transfer_encoding) return invalid("Transfer-Encoding stands there twice");
      found.transfer_encoding = &value;
    }
  }
  if (found.content_length && found.transfer_encoding)
    return invalid("Content-Length and Transfer-Encoding stand side by side");
  return found;
}

Result<BodyFraming> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size())
    return invalid("Content-Length is no number");
  return BodyFraming{BodyKind::Length, length};
}

Result<BodyFraming> declared_framing(const FramingFields& found, int minor_version, BodyKind otherwise) {
  if (found.content_length) return parse_length(*found.content_length);
  if (!found.transfer_encoding) return BodyFraming{otherwise, 0};
  if (minor_version == 0) return invalid("Transfer-Encoding is unknown to HTTP/1.0");
  if (!same_ignoring_case(*found.transfer_encoding, "chunked"))
    return invalid("the only Transfer-Encoding understood is chunked");
  return BodyFraming{BodyKind::Chunked, 0};
}

// Whether a comma-separated list of tokens, as Connection is one, names this option.
bool lists(std::string_view list, std::string_view option) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    auto item = list.substr(0, comma);
    const auto begin = item.find_first_not_of(" \t");
    const auto end = item.find_last_not_of(" \t");
    if (begin != std::string_view::npos && same_ignoring_case(item.substr(begin, end - begin + 1), option))
      return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

Result<BodyFraming> request_framing(const RequestHead& head) {
  const auto found = find_framing(head.fields);
  if (!found) return found.error();
  return declared_framing(*found, head.minor_version, BodyKind::None);
}

Result<BodyFraming> answer_framing(const AnswerHead& head, std::string_view request_method) {
  const auto found = find_framing(head.fields);
  if (!found) return found.error();
  const bool bodiless = head.status < 200 || head.status == 204 || head.status == 304;
  if (bodiless || request_method == "HEAD") return BodyFraming{};
  return declared_framing(*found, head.minor_version, BodyKind::UntilClose);
}

bool keeps_alive(int minor_version, const HttpFields& fields) {
  bool keep = minor_version >= 1;
  for (const auto& [name, value] : fields) {
    if (!same_ignoring_case(name, "Connection")) continue;
    if (lists(value, "close")) return false;
    if (lists(value, "keep-alive")) keep = true;
  }
  return keep;
}

}  // namespace skald::runtime
