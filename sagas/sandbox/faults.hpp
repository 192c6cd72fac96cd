// Faults: what `PUT /_faults` asks a stand-in service to do wrong, on purpose and countably. They live as
// long as the process. Chance is seeded anew at every PUT, so that a run can be repeated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "sagas/sandbox/call.hpp"

namespace skald::sandbox {

struct Fault {
  std::string match;  // part of "POST /applications/7/cancel compensate"; empty: every request
  std::optional<Duration> latency;
  std::optional<int> status;          // answered instead
  double rate = 1;                    // the share of the matching requests that are hit
  bool drop = false;                  // the connection is closed without an answer
  bool after_effect = false;          // what goes wrong goes wrong after the effect
  std::optional<std::int64_t> times;  // as many requests are hit, then no more
  std::int64_t hits = 0;

  // For the ledger: "latency 2s, status 503, after the effect".
  std::string describe() const;
};

class Faults {
 public:
  // One fault or a list of them, in the place of all before. An Error names the member that does not fit.
  Result<void> replace(const Json& faults);
  void clear() { faults_.clear(); }
  Json to_json() const;

  // The first fault that hits this request, counted; none: nothing goes wrong.
  std::optional<Fault> strike(const Request& request, const Call& call);

 private:
  std::vector<Fault> faults_;
  Random random_{kSeed};
  static constexpr std::uint64_t kSeed = 1;
};

}  // namespace skald::sandbox
