// Ledger: what the stand-in services did, by idempotency key, and their rules (semantics.md section 2, "What
// a service must do"): an action takes effect once however often it is asked for; one whose undo came first
// has no effect and is answered 409; an undo of what never came is answered 404 and remembered; a refusal is
// remembered too.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/base/ids.hpp"

namespace skald::simulation {

struct Work {
  std::string request;  // method, path and body of the action: one key, one request
  int effects = 0;      // how often the action took effect
  int undos = 0;        // how often an effect was taken back
  bool undo_came = false;
  std::optional<int> refusal, undo_refusal;
  bool stands() const { return effects > undos; }
};

class Ledger {
 public:
  struct Key {
    SagaId saga;
    std::string step;
    auto operator<=>(const Key&) const = default;
  };

  Work& at(const Key& key) { return works_[key]; }
  const Work* find(const Key& key) const {
    const auto found = works_.find(key);
    return found == works_.end() ? nullptr : &found->second;
  }
  const std::map<Key, Work>& all() const { return works_; }

  // Each gives the status of the answer.
  int act(const Key& key) {
    Work& work = works_[key];
    if (work.undo_came) return 409;
    if (work.refusal) return *work.refusal;
    if (work.effects == 0) ++work.effects;
    return 200;
  }
  int undo(const Key& key) {
    Work& work = works_[key];
    if (work.undo_refusal) return *work.undo_refusal;
    work.undo_came = true;
    if (work.effects == 0) return 404;
    if (work.undos == 0) ++work.undos;
    return 200;
  }

 private:
  std::map<Key, Work> works_;
};

}  // namespace skald::simulation
