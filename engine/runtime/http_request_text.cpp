#include "engine/runtime/http_request_text.hpp"

#include "engine/runtime/http_head.hpp"

namespace skald::runtime {

namespace {

bool is_ours(std::string_view name) {
  return same_ignoring_case(name, "Host") || same_ignoring_case(name, "Connection") ||
         same_ignoring_case(name, "Content-Length") || same_ignoring_case(name, "Transfer-Encoding") ||
         same_ignoring_case(name, "Expect") || same_ignoring_case(name, "Upgrade");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// A method that means a body says so even when the body is empty (RFC 9110 section 8.6).
bool declares_length(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

}  // namespace

std::string why_not_sendable(const HttpRequest& request) {
  if (!is_token(request.method)) return "the method is no HTTP method";
  if (!request.target.starts_with('/')) return "the path does not begin with /";
  if (!is_target(request.target)) return "the path holds a character that must be percent-encoded";
  if (request.target.find('#') != std::string::npos) return "the path holds a fragment";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return "\"" + name + "\" is no name of a header";
    if (!is_field_value(value))
      return "the header " + name + " holds a line break or another control character";
    if (is_ours(name)) return "the header " + name + " belongs to the connection and cannot be given";
  }
  return {};
}

void append_request(std::string& out, const BaseUrl& service, const HttpRequest& request) {
  out.append(request.method)
      .append(" ")
      .append(service.base_path)
      .append(request.target)
      .append(" HTTP/1.1\r\n");
  append_field(out, "Host", service.authority());
  for (const auto& [name, value] : request.headers) append_field(out, name, value);
  if (declares_length(request)) append_field(out, "Content-Length", std::to_string(request.body.size()));
  out.append("\r\n").append(request.body);
}

}  // namespace skald::runtime
