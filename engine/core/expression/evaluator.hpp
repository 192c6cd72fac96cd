// Evaluator: runs Code over one root. jq's expressions are generators: each gives none, one or many outputs,
// and what follows runs once for each. So an output is passed on by calling a Sink, which says whether to go
// on.
#pragma once

#include <optional>
#include <type_traits>

#include "engine/core/expression/code.hpp"

namespace skald::core {

enum class Flow : bool { Stop, Go };

// Refers to a callable Flow(Json) that outlives it: a parameter, never a member.
class Sink {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_const_t<F>, Sink>) Sink(F& callable)
      : callable_(const_cast<void*>(static_cast<const void*>(&callable))),
        call_([](void* f, Json value) { return (*static_cast<F*>(f))(std::move(value)); }) {}
  Flow operator()(Json value) const { return call_(callable_, std::move(value)); }

 private:
  void* callable_;
  Flow (*call_)(void*, Json);
};

class Evaluator {
 public:
  Evaluator(const Code& code, Meter& meter) : code_(code), meter_(meter) {}

  // Gives `out` every output of the node. Stop: `out` asked for it, or there is an error().
  Flow each(NodeId id, const Json& input, Sink out);

  // The failure that stopped the evaluation, if any, with its place.
  std::optional<Error> error() const;

 private:
  const Node& node(NodeId id) const { return code_.nodes[id]; }
  Flow fail(const Node& where, const Error& error);
  // Passes on what was computed: an error, or a value whose size is looked at first.
  Flow give(const Node& from, Result<Json> computed, Sink out);

  // As each(), but `next` runs after the node's calls have returned where there is a single output, so that
  // long expressions do not nest.
  Flow bind(NodeId id, const Json& input, Sink next);
  // The output of a node that is single.
  std::optional<Json> one(NodeId id, const Json& input);

  // The value that the node names in the input, null where it is not there; none where it is no plain path,
  // or the path fails.
  const Json* look(NodeId id, const Json& input);
  Flow index(const Node& node, const Json& input, Sink out);
  Flow iterate(const Node& node, const Json& input, Sink out);
  Flow attempt(const Node& node, const Json& input, Sink out);
  Flow binary(const Node& node, const Json& input, Sink out);
  Flow logical(const Node& node, const Json& input, Sink out);
  Flow alternative(const Node& node, const Json& input, Sink out);
  Flow choose(const Node& node, const Json& input, Sink out);
  Flow array(const Node& node, const Json& input, Sink out);
  Flow object(const Node& node, std::size_t member, Json::Object begun, const Json& input, Sink out);
  Flow text(const Node& node, std::size_t parts_left, std::vector<Json> later, const Json& input, Sink out);
  Flow call(const Node& node, const Json& input, Sink out);
  Flow quantify(const Node& node, const Json& input, Sink out);
  Flow first(const Node& node, const Json& input, Sink out);
  Flow last(const Node& node, const Json& input, Sink out);

  Result<Json> at_key(const Node& node, const Json& value, const Json& key) const;
  Result<Json> joined(const std::vector<Json>& parts);

  const Code& code_;
  Meter& meter_;
  const Node* failed_at_ = nullptr;
  Error failure_;
};

}  // namespace skald::core
