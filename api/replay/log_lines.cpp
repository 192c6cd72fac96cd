#include "api/replay/log_lines.hpp"

#include <limits>

#include "engine/base/json.hpp"

namespace skald::api {
namespace {

constexpr int kLogFormat = 1;

std::string line(const char* kind, Json value) {
  return Json::object({{kind, std::move(value)}}).dump() + "\n";
}

// Reads members, and remembers the first that is not what it must be.
class LineMembers {
 public:
  explicit LineMembers(const Json& object) : object_(object) {}

  std::string text(const char* name) {
    const Json value = object_.get(name);
    if (!value.is_string()) return fail(name, "a text"), std::string();
    return value.as_string();
  }
  std::int64_t number(const char* name, std::int64_t least, std::int64_t most) {
    return number(object_.get(name), name, least, most);
  }
  std::int64_t number(const Json& value, const char* name, std::int64_t least, std::int64_t most) {
    const auto found = value.is_number() ? value.as_integer() : std::nullopt;
    if (!found || *found < least || *found > most) return fail(name, "a whole number within its bounds"), 0;
    return *found;
  }
  std::int32_t count(const char* name) {
    return static_cast<std::int32_t>(number(name, 0, std::numeric_limits<std::int32_t>::max()));
  }
  Timestamp time(const char* name) {
    const auto found = parse_rfc3339(text(name));
    if (!found) return fail(name, "a time"), Timestamp{};
    return *found;
  }
  SagaId saga(const char* name) {
    const auto found = parse_saga_id(text(name));
    if (!found) return fail(name, "the id of a saga"), SagaId{};
    return *found;
  }
  void fail(const char* name, const char* what) {
    if (fault_.empty()) fault_ = std::string(name) + " must be " + what;
  }
  template <class T>
  Result<LogLine> give(T read) {
    if (!fault_.empty()) return invalid(fault_);
    return LogLine(std::move(read));
  }

 private:
  const Json& object_;
  std::string fault_;
};

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Result<LogLine> read_head(const Json& value) {
  LineMembers members(value);
  if (members.number("format", 0, kMost) != kLogFormat)
    members.fail("format", "1: use the version that wrote this");
  LogHead head;
  const Json heads = value.get("heads");
  if (!heads.is_array()) return invalid("heads must be a list");
  for (const Json& one : heads.as_array()) head.heads.push_back(members.number(one, "heads", 0, kMost));
  if (value.find("keptBelow")) head.kept_below = members.number("keptBelow", 1, kMost);
  return members.give(std::move(head));
}

Result<LogLine> read_definition(const Json& value) {
  LineMembers members(value);
  return members.give(store::DefinitionRow{members.text("name"), members.count("version"),
                                           members.text("hash"), members.text("canonical"),
                                           members.text("source"), members.time("createdAt")});
}

Result<LogLine> read_view(const Json& value) {
  LineMembers members(value);
  return members.give(LogView{members.text("name"), members.text("source")});
}

Result<LogLine> read_skip(const Json& value) {
  LineMembers members(value);
  const auto partition = members.number("partition", 0, std::numeric_limits<std::uint16_t>::max());
  store::ViewSkip skip{members.text("view"), members.text("hash"),   {},
                       members.text("by"),   members.text("reason"), members.time("at")};
  skip.place = {{static_cast<std::uint16_t>(partition)}, members.number("position", 1, kMost)};
  return members.give(std::move(skip));
}

Result<LogLine> read_writer(const Json& value) {
  LineMembers members(value);
  return members.give(store::WriterRow{members.count("writer"), members.text("node"), members.count("lane"),
                                       members.text("incarnation"), members.time("registeredAt"),
                                       std::nullopt});
}

Result<LogLine> read_end(const Json& value) {
  LineMembers members(value);
  return members.give(
      LogEnd{static_cast<std::uint64_t>(members.number("events", 0, kMost)), members.text("sha256")});
}

constexpr std::string_view kData = ",\"data\":";

// The payload stands last, as it is.
Result<LogLine> read_event(const Json& value, std::string_view text) {
  LineMembers members(value);
  store::StoredEvent event;
  const auto partition = members.number("partition", 0, std::numeric_limits<std::uint16_t>::max());
  event.position = {{static_cast<std::uint16_t>(partition)}, members.number("position", 1, kMost)};
  event.saga = members.saga("saga");
  event.version = members.count("version");
  event.type = members.text("type");
  event.time = members.time("time");
  event.writer = members.count("writer");
  if (!value.get("data").is_object()) members.fail("data", "an object, and the last member");
  const std::size_t data = text.find(kData);
  if (data == std::string_view::npos) return invalid("data must be an object, and the last member");
  event.payload = text.substr(data + kData.size(), text.size() - data - kData.size() - 1);
  return members.give(std::move(event));
}

}  // namespace

std::string line_of(const LogHead& head) {
  Json::Array heads(head.heads.begin(), head.heads.end());
  Json::Object members;
  members.append("format", kLogFormat);
  members.append("heads", Json(std::move(heads)));
  if (head.kept_below > 1) members.append("keptBelow", head.kept_below);
  return line("skaldLog", Json(std::move(members)));
}

std::string line_of(const store::DefinitionRow& definition) {
  return line("definition", Json::object({{"name", definition.name},
                                          {"version", definition.version},
                                          {"hash", definition.hash},
                                          {"createdAt", to_rfc3339(definition.created_at)},
                                          {"canonical", definition.canonical},
                                          {"source", definition.source}}));
}

std::string line_of(const LogView& view) {
  return line("view", Json::object({{"name", view.name}, {"source", view.source}}));
}

std::string line_of(const store::ViewSkip& skip) {
  return line("viewSkip", Json::object({{"view", skip.view},
                                        {"hash", skip.hash},
                                        {"partition", skip.place.partition.number},
                                        {"position", skip.place.number},
                                        {"by", skip.by},
                                        {"reason", skip.reason},
                                        {"at", to_rfc3339(skip.at)}}));
}

std::string line_of(const store::WriterRow& writer) {
  return line("writer", Json::object({{"writer", writer.writer},
                                      {"node", writer.node},
                                      {"lane", writer.lane},
                                      {"incarnation", writer.incarnation},
                                      {"registeredAt", to_rfc3339(writer.registered_at)}}));
}

std::string line_of(const store::StoredEvent& event) {
  std::string text = "{\"partition\":" + std::to_string(event.position.partition.number) +
                     ",\"position\":" + std::to_string(event.position.number) + ",\"saga\":\"" +
                     to_text(event.saga) + "\",\"version\":" + std::to_string(event.version) + ",\"type\":";
  append_json_string(text, event.type);
  text += ",\"time\":\"" + to_rfc3339(event.time) + "\",\"writer\":" + std::to_string(event.writer);
  text += kData;
  text += event.payload;
  return text + "}\n";
}

std::string line_of(const LogEnd& end) {
  return line("end", Json::object({{"events", end.events}, {"sha256", end.sha256}}));
}

Result<LogLine> log_line_from(std::string_view text) {
  const auto value = parse_json(text, {.max_depth = 80, .max_bytes = 64u << 20});
  if (!value) return value.error();
  if (value->find("partition")) return read_event(*value, text);
  if (const Json* head = value->find("skaldLog")) return read_head(*head);
  if (const Json* definition = value->find("definition")) return read_definition(*definition);
  if (const Json* view = value->find("view")) return read_view(*view);
  if (const Json* skip = value->find("viewSkip")) return read_skip(*skip);
  if (const Json* writer = value->find("writer")) return read_writer(*writer);
  if (const Json* end = value->find("end")) return read_end(*end);
  return invalid("this is no line of an exported log");
}

}  // namespace skald::api
