// /v1/tasks: work for those who pull it. A poll leases tasks; a word on one counts as long as its lease.
#include "api/http/backend.hpp"
#include "api/http/members.hpp"
#include "api/http/patience.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"
#include "engine/base/log.hpp"

namespace skald::api {
namespace {

constexpr Duration kUsualWait = std::chrono::seconds(30);
constexpr Duration kUsualLease = std::chrono::seconds(30);
// Shorter, and the worker would lose it on the way; longer, and nobody would miss a worker that is gone.
constexpr Members::Span kLease{std::chrono::seconds(1), std::chrono::hours(1)};
constexpr Members::Range kTasksPerPoll{1, 100};

Json task_json(const runtime::LeasedTask& task) {
  return Json::object({{"id", task.id},
                       {"saga", to_text(task.saga)},
                       {"step", task.step},
                       {"operation", task.operation},
                       {"attempt", task.attempt},
                       {"idempotencyKey", task.idempotency_key},
                       {"body", task.body},
                       {"leaseUntil", to_rfc3339(task.lease_until)}});
}

Response leased(const Result<std::vector<runtime::LeasedTask>>& tasks, const std::string& worker) {
  if (!tasks) return problem(tasks.error());
  Json::Array items;
  for (const auto& task : *tasks) {
    log::debug("{} {} is leased to {} until {}", to_text(task.saga), task.step, worker,
               to_rfc3339(task.lease_until));
    items.push_back(task_json(task));
  }
  return json_response(200, Json::object({{"items", Json(std::move(items))}}));
}

void poll(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Members body(call.request);
  runtime::TaskPoll poll;
  poll.queue = call.arguments[0];
  poll.worker = body.required_text("worker");
  poll.max = static_cast<std::size_t>(body.integer("max", kTasksPerPoll).value_or(1));
  poll.wait = body.duration("wait", {Duration(0), kLongestPatience}).value_or(kUsualWait);
  poll.lease = body.duration("lease", kLease).value_or(kUsualLease);
  if (auto fault = body.fault()) return call.respond(std::move(*fault));
  const std::string worker = poll.worker;
  backend.engine.poll_tasks(
      backend.lane, std::move(poll),
      [worker, respond = std::move(call.respond)](const Result<std::vector<runtime::LeasedTask>>& tasks) {
        respond(leased(tasks, worker));
      });
}

Response unknown_task(const std::string& id) {
  return problem(404, "not-found", "No such task", "there is no task '" + id + "'");
}

Response refused_word(const Error& why, const std::string& task) {
  if (why.kind == ErrorKind::NotFound) return unknown_task(task);
  if (why.kind == ErrorKind::Conflict) return problem(409, "conflict", "The lease is over", why.message);
  return problem(why);
}

void decide(Backend backend, const std::string& id, const runtime::TaskName& task, const core::Input& word,
            Responder respond) {
  backend.engine.decide_task(
      backend.lane, task, word,
      [id, saga = task.saga, respond = std::move(respond)](const Result<runtime::Snapshot>& decided) {
        if (!decided) return respond(refused_word(decided.error(), id));
        respond(accepted_response(decided, saga, ""));
      });
}

void complete(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Members body(call.request);
  const Json output = body.value("output");
  if (auto fault = body.fault()) return call.respond(std::move(*fault));
  const auto task = runtime::parse_task_name(call.arguments[0]);
  if (!task) return call.respond(unknown_task(call.arguments[0]));
  decide(backend, call.arguments[0], *task,
         core::TaskDone{task->step, task->operation, task->attempt, output}, std::move(call.respond));
}

// A problem, or a text, which is its title.
core::Problem read_error(const Json& given, Members& error) {
  if (given.is_string())
    return {
        std::string(core::problem_type::kRejected), given.as_string(), std::nullopt, "", "", "", "", Json()};
  const std::string type = error.text("type").value_or(std::string(core::problem_type::kRejected));
  const std::string title = error.required_text("title");
  return {type, title, std::nullopt, error.text("detail").value_or(""), "", "", "", Json()};
}

void fail(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Members body(call.request);
  const Json given = body.value("error");
  const bool retryable = body.flag("retryable");
  if (given.is_null()) body.refuse("error", "expected {type, title, detail}, or a text");
  if (given.is_string()) body.required_text("error");
  if (auto fault = body.fault()) return call.respond(std::move(*fault));
  Members members(given.is_string() ? Json::object({}) : given, "/error");
  core::Problem error = read_error(given, members);
  if (auto fault = members.fault()) return call.respond(std::move(*fault));
  const auto task = runtime::parse_task_name(call.arguments[0]);
  if (!task) return call.respond(unknown_task(call.arguments[0]));
  decide(backend, call.arguments[0], *task,
         core::TaskRefused{task->step, task->operation, task->attempt, std::move(error), retryable},
         std::move(call.respond));
}

void heartbeat(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Members body(call.request);
  const Duration lease = body.duration("lease", kLease).value_or(kUsualLease);
  if (auto fault = body.fault()) return call.respond(std::move(*fault));
  const auto task = runtime::parse_task_name(call.arguments[0]);
  if (!task) return call.respond(unknown_task(call.arguments[0]));
  backend.engine.heartbeat_task(
      backend.lane, *task, lease,
      [id = call.arguments[0], respond = std::move(call.respond)](const Result<Timestamp>& until) {
        if (!until) return respond(refused_word(until.error(), id));
        respond(json_response(200, Json::object({{"leaseUntil", to_rfc3339(*until)}})));
      });
}

}  // namespace

void add_tasks(Router& router, Backend backend) {
  const auto bound = [backend](void (*action)(Backend, Call)) {
    return [backend, action](Call call) { action(backend, std::move(call)); };
  };
  router.add("POST", "/v1/tasks/{queue}/poll", bound(poll));
  router.add("POST", "/v1/tasks/{id}/complete", bound(complete));
  router.add("POST", "/v1/tasks/{id}/fail", bound(fail));
  router.add("POST", "/v1/tasks/{id}/heartbeat", bound(heartbeat));
}

}  // namespace skald::api
