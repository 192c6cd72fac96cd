// Where an accepted request (202) may be polled: only on the service itself, below its base path.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.hpp"
#include "engine/runtime/http_base_url.hpp"

namespace skald::runtime {

// The Location header resolved against the request (RFC 9110 section 10.2.2), as a path and query below the
// base path. An Error where it leads to another origin or out of the base path.
Result<std::string> location_below(const BaseUrl& service, std::string_view request_target,
                                   std::string_view location);

}  // namespace skald::runtime
