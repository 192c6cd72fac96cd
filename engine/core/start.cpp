#include "engine/core/start.hpp"

namespace skald::core {

Result<void> start(Story& story, const StartRequested& request) {
  if (story.state().phase != Phase::NotStarted) return conflict("the saga has started already");
  story.add(SagaStarted{request.input, story.definition().hash, request.business_key, request.start_key,
                        request.request_hash, request.by, request.parent, request.cause,
                        story.definition().version});
  if (request.refusal)
    story.add(SagaEnded{"failed", "none", Json(), request.refusal, ""});
  else
    story.look_everywhere();
  return {};
}

}  // namespace skald::core
