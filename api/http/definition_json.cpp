#include "api/http/definition_json.hpp"

#include <algorithm>

#include "api/http/problem.hpp"

namespace skald::api {
namespace {

Json::Object row_members(const sagas::CatalogEntry& entry) {
  const auto& definition = *entry.definition;
  Json::Object members;
  members.append("name", definition.name);
  members.append("version", definition.version);
  members.append("hash", definition.hash);
  members.append("title", definition.title);
  members.append("createdAt", to_rfc3339(entry.created_at));
  return members;
}

}  // namespace

Json definition_row_json(const sagas::CatalogEntry& entry) {
  return row_members(entry);
}

Json definition_json(const sagas::CatalogEntry& entry, const std::vector<sagas::Fault>& warnings) {
  const auto& definition = *entry.definition;
  Json::Array steps;
  Json::Object titles;
  for (const auto& step : definition.steps) {
    steps.push_back(step.id);
    if (!step.title.empty()) titles.append(step.id, step.title);
  }
  Json::Object members = row_members(entry);
  members.append("description", definition.description);
  members.append("steps", Json(std::move(steps)));
  members.append("titles", Json(std::move(titles)));
  members.append("input", definition.input_schema);
  members.append("source", entry.source);
  members.append("warnings", faults_json(warnings, Gravity::Warning));
  return members;
}

Json faults_json(const std::vector<sagas::Fault>& faults, Gravity gravity) {
  Json::Array list;
  for (const auto& fault : faults)
    if (fault.warning == (gravity == Gravity::Warning))
      list.push_back(Json::object({{"line", fault.line},
                                   {"column", fault.column},
                                   {"detail", fault.message},
                                   {"remedy", fault.remedy}}));
  return list;
}

Response faulty_definition(const std::vector<sagas::Fault>& faults) {
  const auto first =
      std::find_if(faults.begin(), faults.end(), [](const auto& fault) { return !fault.warning; });
  Json::Object more;
  std::string detail = "the definition cannot be used";
  if (first != faults.end()) {
    more.set("line", first->line);
    more.set("column", first->column);
    detail = "line " + std::to_string(first->line) + ", column " + std::to_string(first->column) + ": " +
             first->message + (first->remedy.empty() ? "" : "; " + first->remedy);
  }
  more.set("errors", faults_json(faults, Gravity::Error));
  more.set("warnings", faults_json(faults, Gravity::Warning));
  return problem(422, "invalid-definition", "The definition has faults", detail, more);
}

}  // namespace skald::api
