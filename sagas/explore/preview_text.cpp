// A preview as a text for people and as JSON.
#include "sagas/explore/preview.hpp"

namespace skald::sagas {
namespace {

std::string target_of(const core::ServiceRequest& request) {
  return request.path + (request.query.empty() ? "" : "?" + request.query);
}

std::string what_of(const PreviewCall& call) {
  if (call.request)
    return std::string(core::to_text(call.request->method)) + " " + call.request->service +
           target_of(*call.request);
  if (call.kind == "task") return "task " + call.queue;
  if (call.kind == "emit") return "event " + call.event + " to " + call.key;
  if (call.kind != "saga") return call.kind;
  return call.starts_child ? "start the saga " + call.definition
                           : "undo the saga " + call.definition + " " + call.child;
}

Json body_of(const PreviewCall& call) {
  return call.request && call.request->body ? *call.request->body : call.body;
}

Json call_json(const PreviewCall& call) {
  Json::Object members;
  members.append("step", call.step);
  members.append("kind", call.kind);
  if (call.request) {
    members.append("method", core::to_text(call.request->method));
    members.append("service", call.request->service);
    members.append("path", call.request->path);
    if (!call.request->query.empty()) members.append("query", call.request->query);
  }
  for (const auto& [name, value] :
       {std::pair("queue", call.queue), std::pair("event", call.event), std::pair("key", call.key),
        std::pair("child", call.child), std::pair("definition", call.definition)})
    if (!value.empty()) members.append(name, value);
  if (const Json body = body_of(call); !body.is_null()) members.append("body", body);
  members.append("idempotencyKey", call.idempotency_key);
  return members;
}

Json text_or_null(const std::string& text) {
  if (text.empty()) return {};
  return text;
}

Json texts(const std::vector<std::string>& lines) {
  Json::Array list;
  for (const std::string& line : lines) list.emplace_back(line);
  return list;
}

}  // namespace

std::string preview_text(const Preview& preview) {
  std::string text = "if " + preview.if_what + "\n";
  if (!preview.refused.empty()) return text + "  refused: " + preview.refused + "\n";
  for (const std::string& step : preview.awaited)
    text += "  first the answer of " + step + " is awaited; below it counts as possibly done\n";
  std::size_t number = 0;
  for (const PreviewCall& call : preview.calls) {
    text += "  " + std::to_string(++number) + ". undo of " + call.step + ": " + what_of(call) + "\n";
    if (const Json body = body_of(call); !body.is_null()) text += "     " + body.dump() + "\n";
  }
  if (preview.calls.empty()) text += "  nothing would be called\n";
  text += "  then it is " + preview.ends + "\n";
  for (const std::string& effect : preview.stays) text += "  stays: " + effect + "\n";
  return text;
}

// What says nothing is null.
Json preview_json(const Preview& preview) {
  Json::Array calls;
  for (const PreviewCall& call : preview.calls) calls.push_back(call_json(call));
  Json::Object members;
  members.append("if", preview.if_what);
  members.append("refused", text_or_null(preview.refused));
  members.append("awaited", texts(preview.awaited));
  members.append("calls", Json(std::move(calls)));
  members.append("ends", text_or_null(preview.ends));
  members.append("stays", texts(preview.stays));
  return members;
}

}  // namespace skald::sagas
