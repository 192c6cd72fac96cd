#include "api/replay/plan_json.hpp"

#include "api/cli/saga_table.hpp"
#include "engine/core/event_codec.hpp"

namespace skald::api {
namespace {

class CommandMembers {
 public:
  CommandMembers& set(const char* name, Json value) {
    members_.set(name, std::move(value));
    return *this;
  }
  CommandMembers& of_step(const core::StepPath& step, core::Operation operation) {
    return set("step", step).set("operation", core::to_text(operation));
  }
  CommandMembers& until(const std::optional<Timestamp>& end) {
    return end ? set("until", to_rfc3339(*end)) : *this;
  }
  Json take() { return std::move(members_); }

 private:
  Json::Object members_;
};

struct CommandTold {
  Json operator()(const core::CallService& c) const {
    return CommandMembers()
        .set("do", "call")
        .of_step(c.step, c.operation)
        .set("attempt", c.attempt)
        .set("at", to_rfc3339(c.not_before))
        .until(c.give_up_at)
        .take();
  }
  Json operator()(const core::PollLocation& c) const {
    return CommandMembers()
        .set("do", "poll")
        .of_step(c.step, c.operation)
        .set("attempt", c.attempt)
        .set("location", c.location)
        .set("at", to_rfc3339(c.not_before))
        .until(c.give_up_at)
        .take();
  }
  Json operator()(const core::AwaitAnswer& c) const {
    return CommandMembers()
        .set("do", "await answer")
        .of_step(c.step, c.operation)
        .set("attempt", c.attempt)
        .take();
  }
  Json operator()(const core::KeepAwaiting& c) const {
    return CommandMembers()
        .set("do", "keep awaiting")
        .of_step(c.step, c.operation)
        .set("attempt", c.attempt)
        .take();
  }
  Json operator()(const core::OfferTask& c) const {
    return CommandMembers()
        .set("do", "offer task")
        .of_step(c.step, c.operation)
        .set("attempt", c.attempt)
        .set("queue", c.queue)
        .set("at", to_rfc3339(c.not_before))
        .until(c.give_up_at)
        .take();
  }
  Json operator()(const core::RunChild& c) const {
    return CommandMembers()
        .set("do", "run child")
        .of_step(c.step, c.operation)
        .set("child", to_text(c.child))
        .take();
  }
  Json operator()(const core::UndoChild& c) const {
    return CommandMembers()
        .set("do", "undo child")
        .of_step(c.step, c.operation)
        .set("child", to_text(c.child))
        .take();
  }
  Json operator()(const core::DeliverEvent& c) const {
    return CommandMembers().set("do", "deliver event").of_step(c.step, c.operation).take();
  }
  Json operator()(const core::WakeAt& c) const {
    return CommandMembers().set("do", "wake").set("at", to_rfc3339(c.at)).take();
  }
};

}  // namespace

Json command_json(const core::Command& command) {
  return std::visit(CommandTold{}, command);
}

std::string command_text(const core::Command& command) {
  const Json told = command_json(command);
  std::string text = cell(told, "do");
  if (const auto step = cell(told, "step"); !step.empty()) text += " " + step;
  if (cell(told, "operation") == "compensate") text += " (undo)";
  if (const auto attempt = cell(told, "attempt"); !attempt.empty() && attempt != "1")
    text += ", attempt " + attempt;
  if (!told.get("at").is_null()) text += " at " + shown_time(told.get("at"));
  if (!told.get("until").is_null()) text += " until " + shown_time(told.get("until"));
  return text;
}

}  // namespace skald::api
