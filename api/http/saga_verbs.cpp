// What may be asked of a saga, each by POST /v1/sagas/{id}/VERB: to be undone, helped, held or ended. 202
// when that is recorded (or was before), 409 with the reason when it does not fit how the saga stands.
#include "api/http/backend.hpp"
#include "api/http/members.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"

namespace skald::api {
namespace {

std::string reason(Members& body) {
  return body.text("reason").value_or("");
}

core::Input read_cancel(Members& body) {
  return core::CancelRequested{reason(body), kAnonymous};
}

core::Input read_retry(Members& body) {
  return core::OperatorRetry{body.text("step").value_or(""), kAnonymous, reason(body)};
}

core::Input read_skip(Members& body) {
  return core::OperatorSkip{body.required_text("step"), body.value("output"), body.flag("done"), kAnonymous,
                            body.required_text("reason")};
}

core::Input read_compensate(Members& body) {
  return core::OperatorUndo{kAnonymous, body.required_text("reason")};
}

core::Input read_pause(Members& body) {
  return core::OperatorPause{kAnonymous, reason(body)};
}

core::Input read_resume(Members& body) {
  return core::OperatorResume{kAnonymous, reason(body)};
}

core::Input read_terminate(Members& body) {
  return core::OperatorTerminate{kAnonymous, body.required_text("reason")};
}

struct Verb {
  const char* name;
  core::Input (*read)(Members& body);
  const char* why_not;  // title of the 409
};

constexpr Verb kVerbs[] = {
    {"cancel", read_cancel, "The saga cannot be cancelled"},
    {"retry", read_retry, "There is nothing to retry"},
    {"skip", read_skip, "The step cannot be skipped"},
    {"compensate", read_compensate, "The saga cannot be undone"},
    {"pause", read_pause, "The saga cannot be paused"},
    {"resume", read_resume, "The saga cannot be resumed"},
    {"terminate", read_terminate, "The saga cannot be terminated"},
};

void ask(Backend backend, const Verb& verb, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Members body(call.request);
  const core::Input input = verb.read(body);
  if (auto fault = body.fault()) return call.respond(std::move(*fault));
  const auto id = parse_saga_id(call.arguments[0]);
  if (!id) return call.respond(unknown_saga(call.arguments[0]));
  const auto done = [id = *id, &verb,
                     respond = std::move(call.respond)](const Result<runtime::Snapshot>& saga) {
    respond(accepted_response(saga, id, verb.why_not));
  };
  if (const auto* terminate = std::get_if<core::OperatorTerminate>(&input))
    return backend.engine.terminate_saga(backend.lane, *id, *terminate, done);
  backend.engine.ask_saga(backend.lane, *id, input, done);
}

}  // namespace

void add_verbs(Router& router, Backend backend) {
  for (const Verb& verb : kVerbs)
    router.add("POST", std::string("/v1/sagas/{id}/") + verb.name,
               [backend, &verb](Call call) { ask(backend, verb, std::move(call)); });
}

}  // namespace skald::api
