#include "sagas/http_loader.hpp"

#include <algorithm>
#include <array>

#include "sagas/yaml_reader.hpp"

namespace skald::sagas {
namespace {

// Set by the engine (Saga-… too), or of the connection and not of the request.
constexpr std::array<std::string_view, 16> kReservedHeaders = {"connection",
                                                               "content-length",
                                                               "expect",
                                                               "host",
                                                               "idempotency-key",
                                                               "keep-alive",
                                                               "proxy-authenticate",
                                                               "proxy-authorization",
                                                               "proxy-connection",
                                                               "te",
                                                               "traceparent",
                                                               "tracestate",
                                                               "trailer",
                                                               "transfer-encoding",
                                                               "upgrade",
                                                               "via"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return result;
}

const std::vector<std::pair<std::string, core::HttpMethod>> kMethods = {
    {"GET", core::HttpMethod::Get}, {"HEAD", core::HttpMethod::Head},   {"POST", core::HttpMethod::Post},
    {"PUT", core::HttpMethod::Put}, {"PATCH", core::HttpMethod::Patch}, {"DELETE", core::HttpMethod::Delete}};

using NamedTemplates = std::vector<std::pair<std::string, core::Template>>;

NamedTemplates read_named(const Yaml& map, ExpressionSite site, std::size_t step,
                          ExpressionReader& expressions) {
  NamedTemplates named;
  for (const Yaml::Member& member : map.members())
    if (auto value = expressions.read_single(member.value, site, step))
      named.emplace_back(member.key, std::move(*value));
  return named;
}

bool is_reserved_header(std::string_view name) {
  const std::string lowered = lower(name);
  return lowered.starts_with("saga-") ||
         std::find(kReservedHeaders.begin(), kReservedHeaders.end(), lowered) != kReservedHeaders.end();
}

// RFC 9110 section 5.6.2.
bool is_header_name(std::string_view name) {
  const auto is_token = [](char c) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token);
}

}  // namespace

void check_header_names(const Yaml& headers, FaultList& faults) {
  std::vector<std::string> seen;
  for (const Yaml::Member& header : headers.members()) {
    const std::string name = lower(header.key);
    if (!is_header_name(header.key))
      faults.error(header.key_place, "'" + header.key + "' is no name of a header",
                   "use letters, digits and '-'");
    else if (is_reserved_header(header.key))
      faults.error(header.key_place, "the header '" + header.key + "' is set by Skald itself", "remove it");
    else if (std::find(seen.begin(), seen.end(), name) != seen.end())
      faults.error(header.key_place, "the header '" + header.key + "' stands twice",
                   "names of headers do not tell capitals apart");
    seen.push_back(name);
  }
}

core::HttpAction read_http_action(const Yaml& node, ActionSide side, std::size_t step,
                                  ExpressionReader& expressions, FaultList& faults) {
  const bool undo = side == ActionSide::Undo;
  const ExpressionSite request = undo ? ExpressionSite::UndoRequest : ExpressionSite::Request;
  const ExpressionSite header = undo ? ExpressionSite::UndoHeader : ExpressionSite::RequestHeader;
  core::HttpAction action;
  YamlReader reader(node, "http", faults);
  for (const char* key : {"service", "method", "path"}) reader.require(key);
  action.service = reader.text("service").value_or("");
  const auto method = reader.one_of("method", kMethods);
  action.method = method.value_or(core::HttpMethod::Post);
  if (const auto path = reader.any("path"))
    action.path = expressions.read_path(*path, request, step).value_or(core::PathTemplate{});
  if (const auto query = reader.map("query")) action.query = read_named(*query, request, step, expressions);
  if (const auto headers = reader.map("headers")) {
    check_header_names(*headers, faults);
    action.headers = read_named(*headers, header, step, expressions);
  }
  if (const auto body = reader.any("body")) action.body = expressions.read(*body, request, step);
  reader.finish();

  const bool bodiless = method == core::HttpMethod::Get || method == core::HttpMethod::Head;
  if (bodiless && node.find("body"))
    faults.error(node.key_place("body"), "a " + std::string(to_text(action.method)) + " has no body",
                 "put the values into query");
  return action;
}

}  // namespace skald::sagas
