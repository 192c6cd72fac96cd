#include "api/cli/saga_table.hpp"

#include <iostream>

namespace skald::api {
namespace {

// A line of a table is read at a glance; the whole text is in `-o json`.
constexpr std::size_t kLongestCell = 100;

std::string shortened(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  if (text.size() <= kLongestCell) return text;
  std::size_t end = kLongestCell;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return text.substr(0, end) + "…";
}

std::string problem_cell(const Json& problem) {
  if (!problem.is_object()) return "";
  const auto title = cell(problem, "title"), detail = cell(problem, "detail");
  const auto text = title + (title.empty() || detail.empty() ? "" : ": ") + detail;
  return shortened(text.empty() ? cell(problem, "type") : text);
}

std::string waiting_cell(const Json& saga) {
  std::string text;
  const Json list = saga.get("waitingFor");
  if (!list.is_array()) return text;
  for (const auto& entry : list.as_array()) {
    const auto step = cell(entry, "step");
    text += (text.empty() ? "" : ", ") + step + (step.empty() ? "" : ": ") + cell(entry, "reason");
    for (const char* named : {"event", "queue", "saga"})
      if (const auto name = cell(entry, named); !name.empty()) text += " " + name;
    if (!entry.get("until").is_null()) text += " until " + shown_time(entry.get("until"));
  }
  return text;
}

std::string steps_text(const Json& steps) {
  Table table{{"STEP", "STATUS", "ATTEMPTS", "UNDO", "ENDED", "DETAIL"}, {}};
  if (!steps.is_array()) return "";
  for (const auto& step : steps.as_array()) {
    const Json error = step.get("error"), output = step.get("output");
    table.rows.push_back(
        {cell(step, "id"), painted(cell(step, "status")), cell(step, "attempts"), cell(step, "undo"),
         shown_time(step.get("endedAt")),
         error.is_null() ? (output.is_null() ? "" : shortened(output.dump())) : problem_cell(error)});
  }
  return table_text(table);
}

}  // namespace

std::string cell(const Json& object, std::string_view member) {
  const Json value = object.get(member);
  if (value.is_null()) return "";
  return value.is_string() ? value.as_string() : value.dump();
}

std::string shown_time(const Json& time) {
  if (!time.is_string()) return "";
  std::string text = time.as_string().substr(0, 23);  // to the millisecond
  if (text.ends_with('Z')) text.pop_back();
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string saga_table_text(const Json& saga) {
  std::string text;
  const auto line = [&](const std::string& label, const std::string& value) {
    if (!value.empty()) text += label + std::string(14 - label.size(), ' ') + value + "\n";
  };
  line("saga", cell(saga, "id"));
  line("definition", cell(saga, "name") + ", version " + cell(saga, "version"));
  if (cell(saga, "businessKey") != cell(saga, "id")) line("business key", cell(saga, "businessKey"));
  line("status", painted(cell(saga, "status")));
  if (cell(saga, "undo") != "none") line("undo", cell(saga, "undo"));
  line("waiting for", waiting_cell(saga));
  line("error", problem_cell(saga.get("error")));
  line("started", shown_time(saga.get("startedAt")));
  line("ended", shown_time(saga.get("endedAt")));
  line("input", shortened(cell(saga, "input")));
  line("output", shortened(cell(saga, "output")));
  return text + "\n" + steps_text(saga.get("steps"));
}

void print_saga(const Json& saga, Format format) {
  if (format == Format::Table)
    std::cout << saga_table_text(saga) << std::flush;
  else
    print_document(saga, format);
}

std::string saga_list_text(const Json& page) {
  Table table{{"ID", "NAME", "STATUS", "BUSINESS KEY", "STARTED", "ENDED"}, {}};
  const Json items = page.get("items");
  if (items.is_array())
    for (const auto& saga : items.as_array())
      table.rows.push_back({cell(saga, "id"), cell(saga, "name"), painted(cell(saga, "status")),
                            shortened(cell(saga, "businessKey")), shown_time(saga.get("startedAt")),
                            shown_time(saga.get("endedAt"))});
  return table_text(table);
}

}  // namespace skald::api
