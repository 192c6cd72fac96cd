// CORS (Fetch standard, section 3.2): which pages of other origins a browser lets read our answers.
// Credentials are never allowed, so a page can do no more than anybody who reaches the port.
#pragma once

#include <string>
#include <vector>

#include "api/http/message.hpp"

namespace skald::api {

// Origins that may ask, such as "https://shop.example"; "*" for any; none: no page may.
using Origins = std::vector<std::string>;

// Answers preflights itself, and names the origin on the answers of `handler`. Requests without an Origin, or
// of one that may not ask, are handled as ever: it is the browser that keeps their answers from the page.
Handler with_cors(Origins origins, Handler handler);

}  // namespace skald::api
