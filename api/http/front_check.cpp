#include "api/http/front_check.hpp"

#include <utility>

#include "api/http/problem.hpp"
#include "api/http/target.hpp"

namespace skald::api {

using runtime::same_ignoring_case;

namespace {

// Exactly one Host in HTTP/1.1, at most one in 1.0 (RFC 9112 section 3.2): its value, or nullptr.
Result<const std::string*> find_host(const runtime::RequestHead& head) {
  const std::string* host = nullptr;
  for (const auto& [name, value] : head.fields) {
    if (!same_ignoring_case(name, "Host")) continue;
    if (host) return invalid("Host stands there twice");
    host = &value;
  }
  if (!host && head.minor_version >= 1) return invalid("Host is missing");
  if (host && host->find_first_of(" \t,/?#@\\") != std::string::npos)
    return invalid("Host is no host and port");
  return host;
}

// "http://host/path" is how proxies write a target; it must name the same host as Host does.
Result<std::string_view> origin_form(std::string_view target, const std::string* host) {
  constexpr std::string_view kScheme = "http://";
  if (target.size() < kScheme.size() || !same_ignoring_case(target.substr(0, kScheme.size()), kScheme))
    return target;
  auto rest = target.substr(kScheme.size());
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (!host || !same_ignoring_case(authority, *host))
    return invalid("the target names another host than Host");
  rest.remove_prefix(authority.size());
  return rest.empty() ? std::string_view("/") : rest;
}

Result<Target> checked_target(const runtime::RequestHead& head) {
  const auto host = find_host(head);
  if (!host) return host.error();
  const auto target = origin_form(head.target, *host);
  if (!target) return target.error();
  if (*target == "*" && head.method != "OPTIONS") return invalid("the target * belongs to OPTIONS");
  return parse_target(*target);
}

}  // namespace

std::variant<CheckedHead, Response> front_check(std::string_view text, std::size_t max_body_bytes) {
  auto head = runtime::parse_request_head(text);
  if (!head) return malformed(head.error().message);
  auto target = checked_target(*head);
  if (!target) return malformed(target.error().message);
  const auto framing = runtime::request_framing(*head);
  if (!framing) return malformed(framing.error().message);
  const std::string* expectation = runtime::find_field(head->fields, "Expect");
  if (expectation && !same_ignoring_case(*expectation, "100-continue"))
    return problem(417, "invalid-request", "Expectation failed",
                   "The only expectation met here is 100-continue.");
  if (framing->length > max_body_bytes) return body_too_long(max_body_bytes);

  CheckedHead checked;
  checked.framing = *framing;
  checked.keep_alive = runtime::keeps_alive(head->minor_version, head->fields);
  checked.minor_version = head->minor_version;
  checked.expects_continue = expectation && head->minor_version >= 1;
  checked.request.method = std::move(head->method);
  checked.request.path = std::move(target->path);
  checked.request.segments = std::move(target->segments);
  checked.request.query = std::move(target->query);
  checked.request.headers = std::move(head->fields);
  return checked;
}

Response malformed(std::string_view detail) {
  return problem(400, "invalid-request", "Malformed HTTP request", detail);
}

Response head_too_long(std::size_t max_bytes) {
  return problem(431, "too-large", "Header too long",
                 "Request line and header together may have " + std::to_string(max_bytes) + " bytes.");
}

Response body_too_long(std::size_t max_bytes) {
  return problem(413, "too-large", "Body too long",
                 "The body of a request may have " + std::to_string(max_bytes) + " bytes.");
}

}  // namespace skald::api
