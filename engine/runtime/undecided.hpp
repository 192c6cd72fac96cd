// The outcome of an append whose answer was lost is not known before the database is back, which may take
// long. Nobody is kept waiting for that: what is told here is no outcome, and whoever asks again learns the
// true one. Used by Lane for every request whose answer hangs on the log.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/runtime/engine.hpp"
#include "engine/runtime/timers.hpp"

namespace skald::runtime {

// A commit that was lost is found out sooner than this, where the database is there.
inline constexpr Duration kUndecidedAtMost = std::chrono::seconds(10);

// Calls `done` once: with the outcome, or at that time with the advice what to do now that there is none.
template <class T>
Done<T> answered_by(Timestamp time, Timers& timers, const std::string& advice, Done<T> done) {
  auto waiting = std::make_shared<Done<T>>(std::move(done));
  const auto timer = timers.at(time, [waiting, advice] {
    if (const auto done = std::exchange(*waiting, nullptr))
      done(unavailable("the database does not say what became of this request; " + advice));
  });
  return [waiting, timer, &timers](Result<T> outcome) {
    timers.cancel(timer);
    if (const auto done = std::exchange(*waiting, nullptr)) done(std::move(outcome));
  };
}

}  // namespace skald::runtime
