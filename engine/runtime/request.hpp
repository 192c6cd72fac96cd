// The HTTP request of a command: what core::render wrote, with the headers that Skald adds to every call.
#pragma once

#include "engine/base/error.hpp"
#include "engine/core/command.hpp"
#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"
#include "engine/runtime/service_caller.hpp"

namespace skald::runtime {

// `command` is a CallService or a PollLocation. `now` bounds the call by what is left of the total timeout.
Result<OutgoingCall> outgoing_call(const core::Definition& definition, const core::State& state,
                                   const core::Command& command, const Json& secrets, Timestamp now);

}  // namespace skald::runtime
