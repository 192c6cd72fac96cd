// Members: reads the members of a body that is an object, and remembers the first fault: a member that nobody
// asked for, one of the wrong kind, one that is missing. An empty body has no members. As query.hpp does for
// the query.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/http/message.hpp"
#include "engine/base/json.hpp"
#include "engine/base/time.hpp"

namespace skald::api {

class Members {
 public:
  explicit Members(const Request& request);
  // An object inside of a body; `pointer` leads to it.
  Members(Json object, std::string pointer);

  // A member that is null counts as one that is not given.
  std::optional<std::string> text(std::string_view name);
  std::string required_text(std::string_view name);  // "" where it is missing, which is a fault
  bool flag(std::string_view name);
  struct Range {
    std::int64_t least, most;
  };
  std::optional<std::int64_t> integer(std::string_view name, Range range);
  struct Span {
    Duration least, most;
  };
  std::optional<Duration> duration(std::string_view name, Span span);
  Json value(std::string_view name);  // anything; null where it is not given

  void refuse(std::string_view name, std::string why);

  // The answer where something is wrong with what was given. Called when all that is known was asked for.
  std::optional<Response> fault();

 private:
  Json object_;  // or null
  std::string pointer_;
  std::set<std::string, std::less<>> known_;
  std::optional<Response> fault_;
};

}  // namespace skald::api
