// One request through its route: look up, refuse or do, answer. Runs inside a transaction of the storage;
// what it decides follows from the declaration, the request and what is stored, and from nothing else.
#pragma once

#include <utility>

#include "engine/base/time.hpp"
#include "sagas/sandbox/routing.hpp"
#include "sagas/sandbox/storage.hpp"

namespace skald::sandbox {

struct Outcome {
  static Outcome without_effect(Reply reply) { return {std::move(reply), false, false, {}}; }

  Reply reply;
  bool effect = false;  // something is created or changed
  bool replayed = false;
  Json before;  // the resource as it was, where it was changed
};

class RouteRun {
 public:
  // `action`: what an undo takes back, {before, answer}; else null.
  RouteRun(const Declaration& declaration, Storage& storage, const RouteMatch& match, const Request& request,
           Json body, Json action, Timestamp now);

  // Fails with Invalid where the request gave an expression or a field what it cannot take: then nothing was
  // written. Any other failure must end the transaction.
  Result<Outcome> perform();

 private:
  Result<Outcome> perform(const Create& create);
  Result<Outcome> perform(const Change& change);
  Result<Outcome> perform(const Read& read);
  Result<Outcome> perform(const List& list);

  Result<void> look_up();
  Result<std::optional<Json>> stored(const Resource& resource, const Template& key);
  Result<FieldValues> evaluate(const Where& where) const;
  Result<std::optional<Reply>> refusal() const;
  Result<Outcome> answered(bool effect, Json before) const;
  const Resource& resource_named(const std::string& name) const;
  Json scope() const;

  const Declaration& declaration_;
  Storage& storage_;
  const Route& route_;
  Json request_;
  Json action_;
  Json now_;
  Json resource_;  // as it stands
  Json before_;
  Json found_;
};

}  // namespace skald::sandbox
