#include "sagas/sandbox/own_routes.hpp"

#include <charconv>

namespace skald::sandbox {
namespace {

constexpr std::int64_t kMaxLimit = 10'000;  // entries of one page: about 4 MB

Reply invalid_reply(const std::string& detail) {
  return problem_reply(422, "invalid-request", "The request does not fit", detail);
}

Reply method_not_allowed(const Request& request, const std::string& allowed) {
  Reply reply = problem_reply(405, "method-not-allowed", "Method not allowed",
                              request.path + " knows " + allowed + ", not " + request.method);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

Result<std::int64_t> read_number(const std::string& name, const std::string& text, std::int64_t max) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{} || stop != end || number < 0 || number > max)
    return invalid("'" + name + "' is '" + text + "'; expected a number up to " + std::to_string(max));
  return number;
}

Result<LedgerFilter> read_filter(const Request& request) {
  LedgerFilter filter;
  for (const auto& [name, value] : request.query) {
    if (name == "key") {
      filter.key = value;
    } else if (name == "saga") {
      filter.saga = value;
    } else if (name == "after") {
      const auto after = read_number(name, value, INT64_MAX);
      if (!after) return after.error();
      filter.after = *after;
    } else if (name == "limit") {
      const auto limit = read_number(name, value, kMaxLimit);
      if (!limit) return limit.error();
      filter.limit = static_cast<std::size_t>(*limit);
    } else {
      return invalid("the ledger has no parameter '" + name + "'; it has key, saga, after, limit");
    }
  }
  return filter;
}

}  // namespace

bool is_own_route(const Request& request) {
  return request.path.starts_with("/_");
}

Reply health(const Declaration& declaration) {
  return json_reply(200, Json::object({{"service", declaration.name}, {"status", "ok"}}));
}

Reply read_ledger(Storage& storage, const Request& request) {
  if (request.method != "GET") return method_not_allowed(request, "GET");
  const auto filter = read_filter(request);
  if (!filter) return invalid_reply(filter.error().message);
  const auto entries = storage.read_ledger(*filter);
  if (!entries) return problem_reply(503, "unavailable", "The storage is away", entries.error().message);
  Json::Array items;
  for (const LedgerEntry& entry : *entries) items.push_back(to_json(entry));
  const bool more = entries->size() == filter->limit && !entries->empty();
  return json_reply(200,
                    Json::object({{"items", items}, {"next", more ? Json(entries->back().number) : Json()}}));
}

Reply change_faults(Faults& faults, const Request& request) {
  if (request.method == "DELETE") {
    faults.clear();
  } else if (request.method == "PUT") {
    const auto body = parse_json(request.body);
    if (!body) return problem_reply(400, "invalid-json", "The body is not JSON", body.error().message);
    if (auto replaced = faults.replace(*body); !replaced) return invalid_reply(replaced.error().message);
  } else if (request.method != "GET") {
    return method_not_allowed(request, "GET, PUT, DELETE");
  }
  return json_reply(200, Json::object({{"faults", faults.to_json()}}));
}

}  // namespace skald::sandbox
