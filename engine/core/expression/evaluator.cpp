#include "engine/core/expression/evaluator.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/expression/arithmetic.hpp"
#include "engine/core/expression/functions.hpp"
#include "engine/core/expression/order.hpp"

namespace skald::core {

Flow Evaluator::each(NodeId id, const Json& input, Sink out) {
  const Node& here = node(id);
  if (!meter_.spend(1)) return fail(here, meter_.error());
  switch (here.op) {
    case Op::Identity: return out(input);
    case Op::Constant: return out(code_.constants[here.a]);
    case Op::Nothing: return Flow::Go;
    case Op::Index: {
      const Json* found = look(id, input);
      return found ? out(*found) : index(here, input, out);
    }
    case Op::Iterate: return iterate(here, input, out);
    case Op::Try: return attempt(here, input, out);
    case Op::Pipe: {
      const auto follow = [&](const Json& value) { return each(here.b, value, out); };
      return bind(here.a, input, follow);
    }
    case Op::Comma: return each(here.a, input, out) == Flow::Go ? each(here.b, input, out) : Flow::Stop;
    case Op::Negate: {
      const auto negate = [&](const Json& value) {
        if (!value.is_number())
          return fail(here, invalid(std::string(kind_name(value)) + " cannot be negated"));
        return out(-value.as_number());
      };
      return bind(here.a, input, negate);
    }
    case Op::Binary: return binary(here, input, out);
    case Op::And:
    case Op::Or: return logical(here, input, out);
    case Op::Alternative: return alternative(here, input, out);
    case Op::If: return choose(here, input, out);
    case Op::Array: return array(here, input, out);
    case Op::Object: return object(here, 0, {}, input, out);
    case Op::Text: return text(here, here.b, std::vector<Json>(here.b), input, out);
    case Op::Call: return call(here, input, out);
    case Op::Any:
    case Op::All: return quantify(here, input, out);
    case Op::First: return first(here, input, out);
    case Op::Last: return last(here, input, out);
  }
  return fail(here, unexpected("a part of an expression that nobody knows"));
}

std::optional<Error> Evaluator::error() const {
  if (!failed_at_) return std::nullopt;
  return Error{failure_.kind, failure_.message + " at " + std::to_string(failed_at_->offset)};
}

Flow Evaluator::fail(const Node& where, const Error& error) {
  failed_at_ = &where;
  failure_ = error;
  return Flow::Stop;
}

Flow Evaluator::give(const Node& from, Result<Json> computed, Sink out) {
  if (meter_.exhausted() || (computed && !meter_.allow(*computed))) return fail(from, meter_.error());
  if (!computed) return fail(from, computed.error());
  return out(std::move(*computed));
}

Flow Evaluator::bind(NodeId id, const Json& input, Sink next) {
  if (!node(id).single) return each(id, input, next);
  auto value = one(id, input);
  return value ? next(std::move(*value)) : Flow::Stop;
}

std::optional<Json> Evaluator::one(NodeId id, const Json& input) {
  if (const Json* found = look(id, input)) return *found;
  std::optional<Json> result;
  const auto keep = [&](Json value) {
    result = std::move(value);
    return Flow::Go;
  };
  if (each(id, input, keep) == Flow::Stop) return std::nullopt;
  return result;
}

// Most expressions are a path and nothing more (.saga.status): it is followed without a copy on the way.
const Json* Evaluator::look(NodeId id, const Json& input) {
  static const Json kNull;
  const Node& here = node(id);
  if (here.op == Op::Identity) return &input;
  if (here.op != Op::Index || node(here.b).op != Op::Constant || !meter_.spend(2)) return nullptr;
  const Json& key = code_.constants[node(here.b).a];
  const Json* value = key.is_string() ? look(here.a, input) : nullptr;
  if (!value || !(value->is_object() || value->is_null())) return nullptr;
  const Json* member = value->find(key.as_string());
  return member ? member : &kNull;
}

// jq takes the key first: for each key, each value.
Flow Evaluator::index(const Node& here, const Json& input, Sink out) {
  const auto with_key = [&](const Json& key) {
    const auto with_value = [&](const Json& value) {
      auto found = at_key(here, value, key);
      return found ? out(std::move(*found)) : fail(here, found.error());
    };
    return bind(here.a, input, with_value);
  };
  return bind(here.b, input, with_key);
}

Result<Json> Evaluator::at_key(const Node& here, const Json& value, const Json& key) const {
  if (key.is_string() && (value.is_object() || value.is_null())) return value.get(key.as_string());
  if (key.is_number() && (value.is_array() || value.is_null())) {
    if (value.is_null()) return Json();
    const auto& items = value.as_array();
    const double counted = std::floor(key.as_number());
    const double place = counted < 0 ? counted + static_cast<double>(items.size()) : counted;
    const bool inside = place >= 0 && place < static_cast<double>(items.size());
    if (!inside) return Json();
    return items[static_cast<std::size_t>(place)];
  }
  // A key that the text spells out may be named; a computed one may be a secret.
  const bool spelled_out = key.is_string() && node(here.b).op == Op::Constant;
  return invalid("Cannot index " + std::string(kind_name(value)) + " with " +
                 (spelled_out ? key.dump() : std::string(kind_name(key))));
}

Flow Evaluator::iterate(const Node& here, const Json& input, Sink out) {
  const auto items_of = [&](const Json& value) {
    if (value.is_array()) {
      for (const Json& item : value.as_array())
        if (!meter_.spend(1) || out(item) == Flow::Stop)
          return meter_.exhausted() ? fail(here, meter_.error()) : Flow::Stop;
      return Flow::Go;
    }
    if (!value.is_object())
      return fail(here, invalid("Cannot iterate over " + std::string(kind_name(value))));
    for (const auto& member : value.as_object())
      if (!meter_.spend(1) || out(member.value) == Flow::Stop)
        return meter_.exhausted() ? fail(here, meter_.error()) : Flow::Stop;
    return Flow::Go;
  };
  return bind(here.a, input, items_of);
}

// Only what fails inside is caught: a failure of what follows passes through, as does an exhausted budget.
Flow Evaluator::attempt(const Node& here, const Json& input, Sink out) {
  bool stopped_by_follower = false;
  const auto pass_on = [&](Json value) {
    const Flow flow = out(std::move(value));
    stopped_by_follower = flow == Flow::Stop;
    return flow;
  };
  const Flow flow = each(here.a, input, pass_on);
  if (flow == Flow::Go || stopped_by_follower || meter_.exhausted()) return flow;
  failed_at_ = nullptr;
  return Flow::Go;
}

// jq's order: for each right value, each left one.
Flow Evaluator::binary(const Node& here, const Json& input, Sink out) {
  const auto with_right = [&](const Json& right) {
    const auto with_left = [&](const Json& left) {
      return give(here, apply(here.operation, left, right, meter_), out);
    };
    return bind(here.a, input, with_left);
  };
  return bind(here.b, input, with_right);
}

Flow Evaluator::logical(const Node& here, const Json& input, Sink out) {
  const bool decides = here.op == Op::Or;
  const auto with_left = [&](const Json& left) {
    if (is_truthy(left) == decides) return out(decides);
    const auto with_right = [&](const Json& right) { return out(is_truthy(right)); };
    return bind(here.b, input, with_right);
  };
  return bind(here.a, input, with_left);
}

// Every output of the left that is neither null nor false; where there is none, those of the right.
Flow Evaluator::alternative(const Node& here, const Json& input, Sink out) {
  bool found = false;
  const auto pass_on = [&](Json value) {
    if (!is_truthy(value)) return Flow::Go;
    found = true;
    return out(std::move(value));
  };
  const Flow flow = bind(here.a, input, pass_on);
  return flow == Flow::Stop || found ? flow : each(here.b, input, out);
}

Flow Evaluator::choose(const Node& here, const Json& input, Sink out) {
  const auto decide = [&](const Json& condition) {
    return each(is_truthy(condition) ? here.b : here.c, input, out);
  };
  return bind(here.a, input, decide);
}

Flow Evaluator::array(const Node& here, const Json& input, Sink out) {
  Json::Array items;
  std::size_t bytes = 2;
  const auto collect = [&](Json item) {
    if (!meter_.allow_part(item, bytes)) return fail(here, meter_.error());
    items.push_back(std::move(item));
    return Flow::Go;
  };
  return each(here.a, input, collect) == Flow::Go ? out(Json(std::move(items))) : Flow::Stop;
}

// The first key varies slowest. `begun` holds the members before `member`.
Flow Evaluator::object(const Node& here, std::size_t member, Json::Object begun, const Json& input,
                       Sink out) {
  const auto with_key = [&](const Json& key) {
    if (!key.is_string())
      return fail(here, invalid("Cannot use " + std::string(kind_name(key)) + " as a key"));
    const auto with_value = [&](Json value) {
      Json::Object longer = begun;
      longer.set(key.as_string(), std::move(value));
      return object(here, member + 2, std::move(longer), input, out);
    };
    return bind(code_.lists[here.a + member + 1], input, with_value);
  };
  for (; member < here.b; member += 2) {
    const NodeId key_id = code_.lists[here.a + member];
    const NodeId value_id = code_.lists[here.a + member + 1];
    if (!node(key_id).single || !node(value_id).single) return bind(key_id, input, with_key);
    const auto key = one(key_id, input);
    if (!key) return Flow::Stop;
    if (!key->is_string())
      return fail(here, invalid("Cannot use " + std::string(kind_name(*key)) + " as a key"));
    auto value = one(value_id, input);
    if (!value) return Flow::Stop;
    begun.set(key->as_string(), std::move(*value));
  }
  return give(here, Json(std::move(begun)), out);
}

// The last part varies slowest, since jq joins the parts by +. `later` holds the parts from `parts_left` on.
Flow Evaluator::text(const Node& here, std::size_t parts_left, std::vector<Json> later, const Json& input,
                     Sink out) {
  for (; parts_left > 0; --parts_left) {
    const NodeId part = code_.lists[here.a + parts_left - 1];
    if (node(part).single) {
      auto value = one(part, input);
      if (!value) return Flow::Stop;
      later[parts_left - 1] = std::move(*value);
      continue;
    }
    const auto with_part = [&](Json value) {
      std::vector<Json> longer = later;
      longer[parts_left - 1] = std::move(value);
      return text(here, parts_left - 1, std::move(longer), input, out);
    };
    return each(part, input, with_part);
  }
  return give(here, joined(later), out);
}

Result<Json> Evaluator::joined(const std::vector<Json>& parts) {
  std::string result;
  for (const Json& part : parts) {
    const auto piece = call_function(Function::ToString, part, nullptr, meter_);
    if (!piece) return piece;
    result += piece->as_string();
    if (!meter_.allow_bytes(result.size())) return meter_.error();
  }
  return Json(std::move(result));
}

Flow Evaluator::call(const Node& here, const Json& input, Sink out) {
  if (!here.has_argument) return give(here, call_function(here.function, input, nullptr, meter_), out);
  const auto with_argument = [&](const Json& argument) {
    return give(here, call_function(here.function, input, &argument, meter_), out);
  };
  return bind(here.a, input, with_argument);
}

// Stops at the first output that decides, so that what comes behind it cannot fail.
Flow Evaluator::quantify(const Node& here, const Json& input, Sink out) {
  const bool decisive = here.op == Op::Any;
  bool decided = false;
  const auto test = [&](const Json& value) {
    decided = is_truthy(value) == decisive;
    return decided ? Flow::Stop : Flow::Go;
  };
  const Flow flow = each(here.a, input, test);
  if (flow == Flow::Stop && !decided) return flow;
  return out(decided == decisive);
}

Flow Evaluator::first(const Node& here, const Json& input, Sink out) {
  std::optional<Json> found;
  const auto take = [&](Json value) {
    found = std::move(value);
    return Flow::Stop;
  };
  const Flow flow = each(here.a, input, take);
  return found ? out(std::move(*found)) : flow;
}

Flow Evaluator::last(const Node& here, const Json& input, Sink out) {
  Json latest;
  const auto keep = [&](Json value) {
    latest = std::move(value);
    return Flow::Go;
  };
  return each(here.a, input, keep) == Flow::Go ? out(std::move(latest)) : Flow::Stop;
}

}  // namespace skald::core
