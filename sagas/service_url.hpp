// The URL of a service. Checked when it is registered, because everything the engine sends goes to one of
// these.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.hpp"

namespace skald::sagas {

// "http://host[:port][/base/path]" without a slash at its end. Refused: other schemes, user names, queries,
// fragments, ways to write an address that hide it, and link-local addresses, behind which the clouds keep
// their machines' credentials.
Result<std::string> check_service_url(std::string_view url);

}  // namespace skald::sagas
