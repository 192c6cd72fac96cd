// A stand-in service in memory, and short ways to ask it, for the tests of sagas/sandbox.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "sagas/sandbox/declaration_loader.hpp"
#include "sagas/sandbox/service.hpp"
#include "sagas/sandbox/sqlite_database.hpp"

namespace skald::sandbox {

inline Declaration declared(const std::string& yaml) {
  auto loaded = load_declaration(yaml, "test.service.yaml");
  for (const auto& fault : loaded.faults) MESSAGE(to_text(fault));
  REQUIRE(loaded.declaration);
  return *loaded.declaration;
}

// What a saga's call carries beside method, path and body.
struct Keyed {
  std::string key;
  std::string operation = "action";
};

class Stand {
 public:
  explicit Stand(const std::string& yaml, const std::filesystem::path& file = ":memory:")
      : service_(started(yaml, file)) {}

  std::optional<Reply> try_ask(const std::string& method, const std::string& target,
                               const std::string& body = "", const Keyed& keyed = {}) {
    return service_.answer(asked(method, target, body, keyed), clock_);
  }

  Asked asked(const std::string& method, const std::string& target, const std::string& body = "",
              const Keyed& keyed = {}) {
    const Request request = made(method, target, body, keyed);
    return {request, service_.strike(request)};
  }
  std::vector<std::optional<Reply>> ask_all(const std::vector<Asked>& all) {
    return service_.answer_all(all, clock_);
  }

  Reply ask(const std::string& method, const std::string& target, const std::string& body = "",
            const Keyed& keyed = {}) {
    const auto reply = try_ask(method, target, body, keyed);
    REQUIRE(reply);
    return *reply;
  }

  Json read(const std::string& target) {
    const Reply reply = ask("GET", target);
    REQUIRE(reply.status == 200);
    return parse_json(reply.body).value();
  }

  Json::Array ledger(const std::string& query = "") {
    return read("/_ledger" + query).get("items").as_array();
  }

 private:
  static Service started(const std::string& yaml, const std::filesystem::path& file) {
    Declaration declaration = declared(yaml);
    auto database = SqliteDatabase::open(file);
    REQUIRE(database.has_value());
    auto storage = Storage::prepare(std::move(*database), declaration);
    REQUIRE(storage.has_value());
    return Service(std::move(declaration), std::move(*storage));
  }

  // Targets of tests need no decoding.
  static Request made(const std::string& method, const std::string& target, const std::string& body,
                      const Keyed& keyed) {
    Request request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    request.body = body;
    for (std::size_t from = 1; from <= request.path.size();) {
      const auto slash = std::min(request.path.find('/', from), request.path.size());
      request.segments.push_back(request.path.substr(from, slash - from));
      from = slash + 1;
    }
    if (const auto question = target.find('?'); question != std::string::npos) {
      const auto equals = target.find('=', question);
      request.query.emplace_back(target.substr(question + 1, equals - question - 1),
                                 target.substr(equals + 1));
    }
    if (keyed.key.empty()) return request;
    request.headers = {{"Idempotency-Key", keyed.key}, {"saga-operation", keyed.operation},
                       {"Saga-Attempt", "1"},          {"Saga-Id", keyed.key.substr(0, keyed.key.find(':'))},
                       {"Saga-Name", "orders"},        {"Saga-Step", "reserve"}};
    return request;
  }

  Service service_;
  Timestamp clock_{1'000'000};
};

}  // namespace skald::sandbox
