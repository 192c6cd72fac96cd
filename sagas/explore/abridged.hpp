// abridged: a definition with the same ends and fewer histories. Five attempts lead nowhere that two do not,
// so a limit above two becomes two; waits between attempts become as short as can be told apart.
#pragma once

#include "engine/core/definition.hpp"

namespace skald::sagas {

core::Definition abridged(core::Definition definition);

}  // namespace skald::sagas
