// One line of a service's ledger: what was asked, under which key, and whether it had an effect. Tests hold
// it against the engine's log, so it is written in the same transaction as the effect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "sagas/sandbox/call.hpp"

namespace skald::sandbox {

struct LedgerEntry {
  std::int64_t number = 0;  // 1, 2, 3 … in the order in which the requests took effect
  Timestamp time;
  Call call;
  std::string method;
  std::string path;
  std::optional<int> answer;  // the status; none when a fault closed the connection without an answer
  bool effect = false;
  bool replayed = false;             // the kept answer of an earlier request with this key
  std::optional<std::string> fault;  // the injected fault that hit it
};

struct LedgerFilter {
  std::optional<std::string> key;
  std::optional<std::string> saga;
  std::int64_t after = 0;
  std::size_t limit = 10'000;
};

Json to_json(const LedgerEntry& entry);

}  // namespace skald::sandbox
