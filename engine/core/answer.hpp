// answer: what a service's answer means, and what no answer means (language.md, "Answers of a service";
// semantics.md section 2). It knows the answer and nothing of the saga.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/core/input.hpp"

namespace skald::core::answer {

struct Done {};
struct Accepted {  // 202 with Location: ask there
  std::string location;
  std::optional<Duration> retry_after;
};
struct Working {  // a poll was answered 202
  std::optional<Duration> retry_after;
};
struct Refused {  // certain, and trying again would not help
  Problem error;
};
struct Failed {  // worth another attempt
  Problem error;
  bool possibly_done = false;
  std::optional<Duration> retry_after;
  std::string own_type;  // what the service itself called it, where it did
};
struct Lost {  // the accepted work is not known any more: the request is sent once more
  Problem error;
};

using Meaning = std::variant<Done, Accepted, Working, Refused, Failed, Lost>;

// `service` is its name, for the texts; `now` for a Retry-After that is a date.
Meaning meaning_of(const CallAnswered& reply, std::string_view service, Timestamp now);
Meaning meaning_of(const CallFailed& reply, std::string_view service);

}  // namespace skald::core::answer
