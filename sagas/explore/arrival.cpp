#include "sagas/explore/arrival.hpp"

#include <vector>

#include "engine/core/scope.hpp"
#include "sagas/explore/samples.hpp"
#include "sagas/explore/shape.hpp"

namespace skald::sagas {
namespace {

// Of values put together for one condition; a condition that needs more is no comparison.
constexpr std::size_t kMostTries = 1'000;

using Path = std::vector<std::string>;

bool is_of_data(const core::Reference& read) {
  return read.size() > 2 && read[0] == "event" && read[1] == "data";
}

class Search {
 public:
  Search(const core::Definition& definition, const core::State& state, const std::string& at,
         const std::string& event, const core::Template& where)
      : definition_(definition), state_(state), at_(at), event_(event), where_(where) {
    for (const core::Reference& read : where.references())
      if (is_of_data(read)) members_.emplace_back(read.begin() + 2, read.end());
    find_candidates();
  }

  std::optional<Json> from(const Json& data) { return vary(data.is_object() ? data : Json::Object{}, 0); }

 private:
  // Constants of the condition, and what it reads of the saga.
  void find_candidates() {
    candidates_ = {true, false, Json()};
    if (where_.source().is_string())
      for (Json& value : constants_in(where_.source().as_string())) candidates_.push_back(std::move(value));
    const Json scope = core::scope(definition_, state_, at_, where_.references());
    for (const core::Reference& read : where_.references())
      if (!is_of_data(read)) candidates_.push_back(value_at(scope, read));
  }
  std::optional<Json> vary(const Json& data, std::size_t member) {
    if (++tries_ > kMostTries) return std::nullopt;
    if (member == 0 && fits(data)) return data;
    if (member == members_.size()) return fits(data) ? std::optional(data) : std::nullopt;
    if (auto found = vary(data, member + 1)) return found;
    for (const Json& candidate : candidates_)
      if (auto found = vary(put(data, members_[member], candidate), member + 1)) return found;
    return std::nullopt;
  }
  static Json put(const Json& data, const Path& path, const Json& value) {
    if (path.size() == 1 || data.get(path.front()).is_object()) return replaced(data, path, value);
    return put(replaced(data, {path.front()}, Json::Object{}), path, value);
  }
  bool fits(const Json& data) const {
    const Json event = Json::object({{"name", event_},
                                     {"data", data},
                                     {"time", to_rfc3339(state_.updated_at)},
                                     {"id", ""},
                                     {"source", ""}});
    const auto fits = core::evaluate(where_, definition_, state_, at_, "event", event);
    return fits && core::is_true(*fits);
  }

  const core::Definition& definition_;
  const core::State& state_;
  const std::string& at_;
  const std::string& event_;
  const core::Template& where_;
  std::vector<Path> members_;
  std::vector<Json> candidates_;
  std::size_t tries_ = 0;
};

}  // namespace

std::optional<Json> fitting_data(const core::Definition& definition, const core::State& state,
                                 const std::string& at, const std::string& event,
                                 const std::optional<core::Template>& where, const Json& data) {
  if (!where) return data;
  return Search(definition, state, at, event, *where).from(data);
}

}  // namespace skald::sagas
