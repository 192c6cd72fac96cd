// Done: where the outcome of a request goes.
#pragma once

#include <functional>

#include "engine/base/error.hpp"

namespace skald::runtime {

template <class T>
using Done = std::function<void(Result<T>)>;

}  // namespace skald::runtime
