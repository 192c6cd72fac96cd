#include "api/http/response_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "api/http/problem.hpp"
#include "engine/base/log.hpp"
#include "engine/runtime/http_head.hpp"

namespace skald::api {

namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "";  // a reason may be empty (RFC 9112 section 4)
  }
}

// "Sat, 21 Nov 2026 07:00:00 GMT" (RFC 9110 section 5.6.7), written once a second on each thread. The "C"
// locale, which the process keeps, has the English names.
std::string_view date_now() {
  thread_local std::time_t written_for = 0;
  thread_local std::array<char, 32> text{};
  const std::time_t now = std::time(nullptr);
  if (now != written_for) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    written_for = now;
  }
  return text.data();
}

bool is_writable(const Response& response) {
  return response.status >= 200 && response.status <= 999 && runtime::is_field_value(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& field) {
           return runtime::is_token(field.first) && runtime::is_field_value(field.second);
         });
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void append_response(std::string& out, const Response& response, ResponseManner manner) {
  if (!is_writable(response)) {
    log::error("http: the answer with status {} has a header that cannot be written", response.status);
    return append_response(out, problem(unexpected("The answer could not be written.")), manner);
  }
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  append_field(out, "Date", date_now());
  if (!has_no_body(response.status)) {
    if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
    append_field(out, "Content-Length", std::to_string(response.body.size()));
  }
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (!manner.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (manner.minor_version == 0) {
    append_field(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
  if (!manner.without_body && !has_no_body(response.status)) out.append(response.body);
}

}  // namespace skald::api
