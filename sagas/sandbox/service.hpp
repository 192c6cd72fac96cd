// Service: one stand-in service, complete but for its socket. It answers business routes as declared, each
// effect once per idempotency key, keeps the ledger of every request, and errs where a fault says so.
// Requests that are there at the same time share one commit. Used from one thread; api/sandbox gives it a
// port.
#pragma once

#include <optional>
#include <vector>

#include "sagas/sandbox/faults.hpp"
#include "sagas/sandbox/route_run.hpp"
#include "sagas/sandbox/storage.hpp"

namespace skald::sandbox {

struct Asked {
  Request request;
  std::optional<Fault> fault;  // that hits it
};

class Service {
 public:
  Service(Declaration declaration, Storage storage)
      : declaration_(std::move(declaration)), storage_(std::move(storage)) {}

  const Declaration& declaration() const { return declaration_; }

  // The fault that hits this request, if any. The caller sees to its latency: before answer() is called, or,
  // where the fault comes after the effect, before the reply is sent.
  std::optional<Fault> strike(const Request& request);

  // None: close the connection without an answer. What has an effect is durable when this returns.
  std::optional<Reply> answer(const Asked& asked, Timestamp now);
  // The same for each, in this order and with one commit for all of them. For business routes; its own ones
  // (own_routes.hpp) wait for nobody.
  std::vector<std::optional<Reply>> answer_all(const std::vector<Asked>& all, Timestamp now);

 private:
  // Within a transaction; an Error must end it.
  Result<std::optional<Reply>> serve(const Asked& asked, Timestamp now);
  Result<std::optional<Reply>> noted(const Asked& asked, const Call& call, const Outcome& outcome,
                                     Timestamp now);
  Result<Outcome> judge(const Request& request, const Call& call, Timestamp now);
  Result<Outcome> act(const Call& call, const RouteMatch& match, const Request& request, const Json& body,
                      Timestamp now);
  Result<Outcome> undo(const Call& call, const RouteMatch& match, const Request& request, const Json& body,
                       Timestamp now);
  Result<Outcome> run(const RouteMatch& match, const Request& request, const Json& body, Json action,
                      Timestamp now);
  Reply own_route(const Request& request);

  Declaration declaration_;
  Storage storage_;
  Faults faults_;
};

}  // namespace skald::sandbox
