#include "engine/core/expression/meter.hpp"

namespace skald::core {
namespace {

// One is left for the event that will hold the value.
constexpr std::size_t kLevels = kMaxValueDepth - 1;

}  // namespace

bool Meter::refuse(Exhausted why) {
  if (exhausted_ == Exhausted::No) exhausted_ = why;
  return false;
}

bool Meter::spend(std::size_t steps) {
  if (exhausted()) return false;
  if (steps > steps_left_) return refuse(Exhausted::Steps);
  steps_left_ -= steps;
  return true;
}

bool Meter::allow_bytes(std::size_t bytes) {
  if (exhausted()) return false;
  return bytes <= budget_.output_bytes || refuse(Exhausted::Bytes);
}

bool Meter::allow(const Json& value) {
  std::size_t bytes = 0;
  return walk(value, bytes, 0);
}

bool Meter::allow_part(const Json& value, std::size_t& bytes) {
  ++bytes;  // the comma
  return walk(value, bytes, 1);
}

// The sizes are those of the text without escapes: near enough for a bound, and cheap.
bool Meter::walk(const Json& value, std::size_t& bytes, std::size_t depth) {
  if (!spend(1)) return false;
  bytes += 2;
  if (value.is_string()) bytes += value.as_string().size();
  if (!allow_bytes(bytes)) return false;
  if (!value.is_array() && !value.is_object()) return true;
  if (depth >= kLevels) return refuse(Exhausted::Depth);
  if (value.is_array()) {
    for (const Json& item : value.as_array())
      if (!walk(item, bytes, depth + 1)) return false;
    return true;
  }
  for (const auto& [key, member] : value.as_object()) {
    bytes += key.size() + 3;
    if (!walk(member, bytes, depth + 1)) return false;
  }
  return true;
}

Error Meter::error() const {
  switch (exhausted_) {
    case Exhausted::No: break;
    case Exhausted::Steps:
      return invalid("the expression takes more than " + std::to_string(budget_.steps) + " steps");
    case Exhausted::Bytes:
      return invalid("the expression builds a value of more than " + std::to_string(budget_.output_bytes) +
                     " bytes");
    case Exhausted::Depth:
      return invalid("the expression builds a value deeper than " + std::to_string(kLevels) + " levels");
  }
  return unexpected("the budget is not exhausted");
}

}  // namespace skald::core
