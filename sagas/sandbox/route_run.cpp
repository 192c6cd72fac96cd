#include "sagas/sandbox/route_run.hpp"

#include "engine/base/check.hpp"

namespace skald::sandbox {
namespace {

Json describe(const Request& request, const Json& path, Json body) {
  Json::Object query;
  for (const auto& [name, value] : request.query) query.set(name, value);
  return Json::object(
      {{"method", request.method}, {"path", path}, {"query", std::move(query)}, {"body", std::move(body)}});
}

// As in jq: everything but null and false.
bool is_true(const Json& value) {
  return !value.is_null() && !(value.is_boolean() && !value.as_boolean());
}

Outcome missing(const Resource& resource, const std::string& key) {
  return Outcome::without_effect(
      problem_reply(404, "not-found", "Not found", "There is no " + resource.name + " '" + key + "'"));
}

// `values` over `resource`. Fails where there is no such field.
Result<Json> with_values(const Resource& type, const Json& resource, const Json& values) {
  if (!values.is_object())
    return invalid("the fields of " + type.name + " are given as an object, not as " + values.dump());
  Json::Object merged;
  if (resource.is_object()) merged = resource.as_object();
  for (const auto& [name, value] : values.as_object()) {
    if (!type.find_field(name)) return invalid("'" + name + "' is no field of " + type.name);
    merged.set(name, value);
  }
  return Json(std::move(merged));
}

}  // namespace

RouteRun::RouteRun(const Declaration& declaration, Storage& storage, const RouteMatch& match,
                   const Request& request, Json body, Json action, Timestamp now)
    : declaration_(declaration),
      storage_(storage),
      route_(*match.route),
      request_(describe(request, match.path, std::move(body))),
      action_(std::move(action)),
      now_(to_rfc3339(now)) {}

Result<Outcome> RouteRun::perform() {
  if (auto looked_up = look_up(); !looked_up) return looked_up.error();
  return std::visit([&](const auto& deed) { return perform(deed); }, route_.deed);
}

Result<Outcome> RouteRun::perform(const Create& create) {
  const Resource& type = resource_named(create.resource);
  auto refusal = this->refusal();
  if (!refusal) return refusal.error();
  if (*refusal) return Outcome::without_effect(**refusal);
  const auto values = create.set.evaluate(scope());
  if (!values) return values.error();
  auto fresh = with_values(type, Json::object({{kStatus, type.states.front().name}}), *values);
  if (!fresh) return fresh.error();
  const Json key = fresh->get(type.key);
  if (!key.is_string() || key.as_string().empty())
    return invalid("'" + type.key + "' names a new " + type.name + ": expected a text");
  const auto known = storage_.find(type, key.as_string());
  if (!known) return known.error();
  if (*known)
    return Outcome::without_effect(
        problem_reply(409, "exists", "It exists already",
                      "There is a " + type.name + " '" + key.as_string() + "' already"));
  if (auto inserted = storage_.insert(type, *fresh); !inserted) return inserted.error();
  resource_ = std::move(*fresh);
  return answered(true, {});
}

Result<Outcome> RouteRun::perform(const Change& change) {
  const Resource& type = resource_named(change.resource);
  auto found = stored(type, change.key);
  if (!found) return found.error();
  if (!*found) return missing(type, change.key.evaluate_text(scope()).value());
  resource_ = before_ = **found;

  auto refusal = this->refusal();
  if (!refusal) return refusal.error();
  if (*refusal) return Outcome::without_effect(**refusal);
  if (change.when) {
    const auto applies = change.when->evaluate(scope());
    if (!applies) return applies.error();
    if (!is_true(*applies)) return answered(false, before_);
  }
  Json::Object changed;
  if (change.set) {
    const auto values = change.set->evaluate(scope());
    if (!values) return values.error();
    if (!values->is_object())
      return invalid("the changed fields of " + type.name + " are given as an object");
    changed = values->as_object();
  }
  if (change.to) {
    const std::string from = resource_.get(kStatus).as_string();
    if (from != *change.to && !type.allows(from, *change.to))
      return Outcome::without_effect(
          problem_reply(409, "not-possible", "Not possible in this state",
                        "The " + type.name + " is '" + from + "' and cannot become '" + *change.to + "'"));
    changed.set(kStatus, *change.to);
  }
  auto after = with_values(type, resource_, Json(std::move(changed)));
  if (!after) return after.error();
  if (*after == before_) return answered(false, before_);
  if (after->get(type.key) != before_.get(type.key))
    return invalid("'" + type.key + "' names the " + type.name + " and cannot change");
  if (auto updated = storage_.update(type, *after); !updated) return updated.error();
  resource_ = std::move(*after);
  return answered(true, before_);
}

Result<Outcome> RouteRun::perform(const Read& read) {
  const Resource& type = resource_named(read.resource);
  auto found = stored(type, read.key);
  if (!found) return found.error();
  if (!*found) return missing(type, read.key.evaluate_text(scope()).value());
  resource_ = before_ = **found;
  auto refusal = this->refusal();
  if (!refusal) return refusal.error();
  if (*refusal) return Outcome::without_effect(**refusal);
  return answered(false, {});
}

Result<Outcome> RouteRun::perform(const List& list) {
  auto refusal = this->refusal();
  if (!refusal) return refusal.error();
  if (*refusal) return Outcome::without_effect(**refusal);
  const auto where = evaluate(list.where);
  if (!where) return where.error();
  const auto items = storage_.list(resource_named(list.resource), *where);
  if (!items) return items.error();
  resource_ = Json::object({{"items", *items}});
  return answered(false, {});
}

Result<void> RouteRun::look_up() {
  Json::Object found;
  for (const Lookup& lookup : route_.find) {
    const auto where = evaluate(lookup.where);
    if (!where) return where.error();
    const auto items = storage_.list(resource_named(lookup.resource), *where);
    if (!items) return items.error();
    found.append(lookup.name, *items);
  }
  found_ = Json(std::move(found));
  return {};
}

Result<std::optional<Json>> RouteRun::stored(const Resource& resource, const Template& key) {
  const auto text = key.evaluate_text(scope());
  if (!text) return text.error();
  return storage_.find(resource, *text);
}

Result<FieldValues> RouteRun::evaluate(const Where& where) const {
  FieldValues values;
  for (const auto& [field, value] : where) {
    auto wanted = value.evaluate(scope());
    if (!wanted) return wanted.error();
    values.emplace_back(field, std::move(*wanted));
  }
  return values;
}

Result<std::optional<Reply>> RouteRun::refusal() const {
  const Json root = scope();
  for (const Refusal& refusal : route_.refuse) {
    const auto applies = refusal.when.evaluate(root);
    if (!applies) return applies.error();
    if (!is_true(*applies)) continue;
    const auto title = refusal.title.evaluate_text(root);
    if (!title) return title.error();
    const auto detail = refusal.detail.evaluate_text(root);
    if (!detail) return detail.error();
    return std::optional(problem_reply(refusal.status, refusal.type, *title, *detail));
  }
  return std::optional<Reply>();
}

Result<Outcome> RouteRun::answered(bool effect, Json before) const {
  Json body = resource_;
  if (route_.answer) {
    auto answer = route_.answer->evaluate(scope());
    // Not Invalid: by now something may be written, and only a failure takes it back.
    if (!answer) return unexpected("the answer of '" + to_text(route_) + "': " + answer.error().message);
    body = std::move(*answer);
  }
  return Outcome{json_reply(route_.status, body), effect, false, std::move(before)};
}

const Resource& RouteRun::resource_named(const std::string& name) const {
  const Resource* resource = declaration_.find_resource(name);
  CHECK_THAT(resource, "the loader knows every resource a route names");
  return *resource;
}

Json RouteRun::scope() const {
  return Json::object({{"request", request_},
                       {"resource", resource_},
                       {"before", before_},
                       {"found", found_},
                       {"action", action_},
                       {"now", now_}});
}

}  // namespace skald::sandbox
