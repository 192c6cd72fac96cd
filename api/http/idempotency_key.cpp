#include "api/http/idempotency_key.hpp"

#include <algorithm>

#include "api/http/problem.hpp"

namespace skald::api {
namespace {

// Longer keys are data, not names. The same bound as the key column's index comfortably holds.
constexpr std::size_t kLongestKey = 255;

}  // namespace

std::variant<std::optional<std::string>, Response> idempotency_key(const Request& request) {
  const std::string* key = request.header("Idempotency-Key");
  if (!key) return std::nullopt;
  const bool printable = std::all_of(key->begin(), key->end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && !key->empty() && key->size() <= kLongestKey) return *key;
  return problem(400, "invalid-request", "The Idempotency-Key does not fit",
                 "expected 1 to " + std::to_string(kLongestKey) + " printable ASCII characters");
}

}  // namespace skald::api
