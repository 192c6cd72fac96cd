// Query: reads the parameters of a request's query, each at most once, and remembers the first fault: an
// unreadable value, a parameter given twice, or one that nobody asked for. Used by every route.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"
#include "engine/base/time.hpp"

namespace skald::api {

class Query {
 public:
  explicit Query(const Request& request) : fields_(request.query) {}

  std::optional<std::string> text(std::string_view name);
  // Given once or several times, each with one value or several, separated by commas.
  std::vector<std::string> list(std::string_view name);
  std::optional<Timestamp> time(std::string_view name);
  std::optional<Duration> duration(std::string_view name, Duration at_most);
  struct Range {
    std::int64_t least, most;
  };
  std::optional<std::int64_t> integer(std::string_view name, Range range);
  bool flag(std::string_view name);  // "?verbose" or "?verbose=true"

  void refuse(std::string_view name, std::string why);

  // The answer where something is wrong with what was given. Called when all that is known was asked for.
  std::optional<Response> fault();

 private:
  const Fields& fields_;
  std::set<std::string, std::less<>> known_;
  std::string parameter_, why_;
};

}  // namespace skald::api
