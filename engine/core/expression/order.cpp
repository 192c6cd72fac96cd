#include "engine/core/expression/order.hpp"

#include <algorithm>

namespace skald::core {
namespace {

int compare_keys(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0;
}

std::vector<const Json::Member*> sorted_members(const Json& object) {
  std::vector<const Json::Member*> members;
  members.reserve(object.as_object().size());
  for (const auto& member : object.as_object()) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key < b->key; });
  return members;
}

int compare_objects(const Json& a, const Json& b, Meter& meter) {
  if (!meter.spend(a.as_object().size() + b.as_object().size())) return 0;
  const auto left = sorted_members(a);
  const auto right = sorted_members(b);
  const std::size_t common = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < common; ++i)
    if (const int order = compare_keys(left[i]->key, right[i]->key)) return order;
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  for (std::size_t i = 0; i < common; ++i)
    if (const int order = compare(left[i]->value, right[i]->value, meter)) return order;
  return 0;
}

int compare_arrays(const Json::Array& a, const Json::Array& b, Meter& meter) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (const int order = compare(a[i], b[i], meter)) return order;
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

}  // namespace

int compare(const Json& a, const Json& b, Meter& meter) {
  if (!meter.spend(1)) return 0;
  if (a.kind() != b.kind()) return a.kind() < b.kind() ? -1 : 1;
  switch (a.kind()) {
    case Json::Kind::Null: return 0;
    case Json::Kind::Boolean: return int{a.as_boolean()} - int{b.as_boolean()};
    case Json::Kind::Number: return a.as_number() < b.as_number() ? -1 : a.as_number() > b.as_number();
    case Json::Kind::String:
      if (!meter.spend_bytes(std::min(a.as_string().size(), b.as_string().size()))) return 0;
      return compare_keys(a.as_string(), b.as_string());
    case Json::Kind::Array: return compare_arrays(a.as_array(), b.as_array(), meter);
    case Json::Kind::Object: return compare_objects(a, b, meter);
  }
  return 0;
}

bool is_truthy(const Json& value) {
  return !value.is_null() && !(value.is_boolean() && !value.as_boolean());
}

std::string_view kind_name(const Json& value) {
  switch (value.kind()) {
    case Json::Kind::Null: return "null";
    case Json::Kind::Boolean: return "boolean";
    case Json::Kind::Number: return "number";
    case Json::Kind::String: return "string";
    case Json::Kind::Array: return "array";
    case Json::Kind::Object: return "object";
  }
  return "";
}

}  // namespace skald::core
