// What a stand-in service is asked and what it answers, as plain values: no socket, no server. The hosting in
// api/sandbox translates from and to HTTP.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/json.hpp"

namespace skald::sandbox {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string path;                   // as sent, without the query
  std::vector<std::string> segments;  // of the path, percent-decoded
  Fields query;
  Fields headers;
  std::string body;

  const std::string* header(std::string_view name) const;  // names are compared without case
  const std::string* parameter(std::string_view name) const;
};

struct Reply {
  int status = 200;
  Fields headers;
  std::string content_type = "application/json";
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
};

Reply json_reply(int status, const Json& body);
// application/problem+json (RFC 9457); `more` adds members that help, such as pointer.
Reply problem_reply(int status, std::string_view type, std::string_view title, std::string_view detail,
                    const Json::Object& more = {});

}  // namespace skald::sandbox
