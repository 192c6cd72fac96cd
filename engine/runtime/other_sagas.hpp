// OtherSagas: how a lane reaches sagas that may live on other lanes: children, and those that an event is
// for. router.hpp does it in the engine; tests and the simulator bring their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.hpp"
#include "engine/runtime/done.hpp"

namespace skald::runtime {

struct ChildToRun {
  SagaId id;
  std::string definition;  // name
  Json input;
  std::string business_key;  // empty: its own id
  std::string start_key;
  core::Parent parent;
};

struct ChildEnd {
  std::string status;
  Json output;
  std::optional<core::Problem> error;
};

struct EventToDeliver {
  std::string name;
  Json data;
  std::string source, id;        // the same event comes once to each receiver
  std::string key;               // business key
  std::optional<SagaId> except;  // who emits it
  std::uint32_t hops = 0;        // how many sagas were started by events on its way
};

struct Reached {
  std::uint32_t sagas = 0;     // those that have it now, those that it started included
  std::vector<SagaId> full{};  // those that keep as many events as a saga may: they may have room later
};

// Each callback comes once, perhaps inside the call. Unavailable: ask again. Asking again is always harmless.
class OtherSagas {
 public:
  virtual ~OtherSagas() = default;
  // Starts the child unless it has started, and waits for its end.
  virtual void run(ChildToRun child, Done<ChildEnd> done) = 0;
  // Asks for the child to be undone, and waits for its end, whatever that is.
  virtual void undo(SagaId child, std::string reason, Done<ChildEnd> done) = 0;
  virtual void deliver(EventToDeliver event, Done<Reached> done) = 0;
};

}  // namespace skald::runtime
