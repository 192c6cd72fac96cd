#include "engine/core/action_request.hpp"

#include <functional>

#include "engine/base/random.hpp"
#include "engine/core/render.hpp"

namespace skald::core {
namespace {

// Another stream of chance for each step that one decision begins.
Random chance_of(const Story& story, const StepPath& path, Operation operation) {
  return Random(story.context().random ^ std::hash<std::string>{}(path) ^
                static_cast<std::uint64_t>(operation));
}

// The business key that a child will have; none: it has none.
Result<std::optional<std::string>> key_of(const Story& story, const ChildToStart& child) {
  if (child.business_key || !story.context().key_of_child) return child.business_key;
  return story.context().key_of_child(child.definition, child.input);
}

struct Asking {
  const Story& story;
  const StepPath& path;
  Operation operation;

  Result<ActionRequest> operator()(const HttpAction& action) const {
    const auto call = render(action, story.definition(), story.state(), path, Json());
    if (!call) return call.error();
    RequestSummary request;
    request.method = to_text(call->method);
    request.service = call->service;
    request.path = call->path;
    return ActionRequest{"http", std::move(request)};
  }
  Result<ActionRequest> operator()(const TaskAction& action) const {
    const auto body = render(action, story.definition(), story.state(), path);
    if (!body) return body.error();
    RequestSummary request;
    request.queue = action.queue;
    return ActionRequest{"task", std::move(request)};
  }
  Result<ActionRequest> operator()(const EmitAction& action) const {
    auto event = render(action, story.definition(), story.state(), path);
    if (!event) return event.error();
    RequestSummary request;
    request.event = std::move(event->name);
    request.key = std::move(event->key);
    request.data = std::move(event->data);
    return ActionRequest{"emit", std::move(request)};
  }
  // The child gets the id that it will have, in the partition of its business key.
  Result<ActionRequest> operator()(const SagaAction& action) const {
    const auto child = render(action, story.definition(), story.state(), path);
    if (!child) return child.error();
    const auto key = key_of(story, *child);
    if (!key) return key.error();
    const Context& context = story.context();
    const Partition own = story.state().id.partition();
    const Partition partition = *key ? partition_of(**key, context.partitions) : own;
    Random chance = chance_of(story, path, operation);
    RequestSummary request;
    request.child = new_saga_id(context.now, partition, chance);
    request.definition = child->definition;
    request.key = key->value_or("");
    return ActionRequest{"saga", std::move(request)};
  }
};

}  // namespace

Result<ActionRequest> request_of(const Story& story, const StepPath& path, Operation operation,
                                 const Action& action) {
  return std::visit(Asking{story, path, operation}, action);
}

}  // namespace skald::core
