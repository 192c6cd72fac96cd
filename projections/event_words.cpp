#include "projections/event_words.hpp"

#include <utility>
#include <variant>

#include "engine/core/event_codec.hpp"
#include "engine/core/event_fields.hpp"

namespace skald::views {
namespace {

struct FieldNames {
  std::vector<std::string> names;
  void always(const char* name, const auto&) { names.emplace_back(name); }
  void if_any(const char* name, const auto&) { names.emplace_back(name); }
};

struct EventWords {
  std::string type;
  std::vector<std::string> fields;
};

template <class E>
EventWords words_of() {
  E event{};
  FieldNames fields;
  core::Fields<E>::list(fields, event);
  for (const char* common : {"type", "time", "position"}) fields.names.emplace_back(common);
  return {std::string(core::Fields<E>::kName), std::move(fields.names)};
}

template <std::size_t... index>
std::vector<EventWords> all_words(std::index_sequence<index...>) {
  return {words_of<std::variant_alternative_t<index, core::Fact>>()...};
}

const std::vector<EventWords>& table() {
  static const auto words = all_words(std::make_index_sequence<std::variant_size_v<core::Fact>>());
  return words;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const Json::Member& member : object.as_object()) keys.push_back(member.key);
  return keys;
}

// A request that has every member, as it is written.
Json whole_request() {
  core::StepRequested event;
  event.request = {"x", "x", "x", "x", SagaId{}, "x", "x", "x", Json(true), 1};
  return core::payload_of(event).get("request");
}

Json whole_parent() {
  core::SagaStarted event;
  event.parent.emplace();
  return core::payload_of(event).get("parent");
}

}  // namespace

const std::vector<std::string>& event_types() {
  static const std::vector<std::string> types = [] {
    std::vector<std::string> names;
    for (const EventWords& words : table()) names.push_back(words.type);
    return names;
  }();
  return types;
}

std::vector<std::string> event_fields(std::string_view type) {
  for (const EventWords& words : table())
    if (words.type == type) return words.fields;
  return {};
}

std::vector<std::string> fields_inside(std::string_view field) {
  if (field == "request") return keys_of(whole_request());
  if (field == "parent") return keys_of(whole_parent());
  return {};
}

}  // namespace skald::views
