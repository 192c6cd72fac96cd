// An HTTP request as the bytes of one write, and what keeps a request from becoming bytes: nothing that comes
// from data may break out of its header or its target.
#pragma once

#include <string>

#include "engine/runtime/http_base_url.hpp"
#include "engine/runtime/http_message.hpp"

namespace skald::runtime {

// Why it cannot be sent; empty when it can.
std::string why_not_sendable(const HttpRequest& request);

// Adds request line, header and body to `out`. The request is sendable.
void append_request(std::string& out, const BaseUrl& service, const HttpRequest& request);

}  // namespace skald::runtime
