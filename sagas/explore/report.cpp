// An exploration as a text for people and as JSON.
#include <algorithm>

#include "sagas/explore/explore.hpp"

namespace skald::sagas {
namespace {

// Of a story or the longest history; what is left out stands in the middle.
constexpr std::size_t kMostLines = 16;
constexpr std::string_view kDone = ": done";

std::string counted(std::uint64_t count, const std::string& one, const std::string& many) {
  if (count == kMostHistories) return "more than " + std::to_string(kMostHistories - 1) + " " + many;
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string histories(std::uint64_t count) {
  return counted(count, "history", "histories");
}

// "a: done", "b: done" become "a, b: done".
std::vector<std::string> shortened(const std::vector<std::string>& story) {
  std::vector<std::string> lines;
  bool joins = false;
  for (const std::string& words : story) {
    const bool done = words.ends_with(kDone) && !words.starts_with("undo of ");
    if (done && joins)
      lines.back().insert(lines.back().size() - kDone.size(),
                          ", " + words.substr(0, words.size() - kDone.size()));
    else
      lines.push_back(words);
    joins = done;
  }
  if (lines.size() <= kMostLines) return lines;
  const std::size_t left_out = lines.size() - kMostLines;
  const auto from = lines.begin() + static_cast<std::ptrdiff_t>(kMostLines / 2);
  *from = "… " + std::to_string(left_out + 1) + " more …";
  lines.erase(from + 1, from + 1 + static_cast<std::ptrdiff_t>(left_out));
  return lines;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string ends_text(const std::vector<End>& ends) {
  std::size_t width = 0;
  for (const End& end : ends) width = std::max(width, std::to_string(end.histories).size());
  std::string text = "  ends\n";
  for (const End& end : ends) {
    const std::string count = std::to_string(end.histories);
    text += "    " + std::string(width - count.size(), ' ') + count + "  " + end.text + "\n";
  }
  return text;
}

std::string story_text(const std::vector<std::string>& story) {
  std::string text;
  for (const std::string& line : shortened(story)) text += "      " + line + "\n";
  return text;
}

std::string finding_text(const Finding& finding) {
  std::string text = "  " + finding.what + "\n    in " + histories(finding.histories) + "; ";
  text += finding.said_by.empty() ? "the definition does not say so" : "said by " + finding.said_by;
  text += "; the shortest:\n" + story_text(finding.story);
  if (!finding.stays.empty()) text += "    what stays: " + listed(finding.stays) + "\n";
  return text;
}

std::string verdict_text(const Exploration& found) {
  if (!found.faults.empty()) return "a fault of Skald, not of the definition; please report it";
  const auto unsaid = std::count_if(found.findings.begin(), found.findings.end(),
                                    [](const Finding& finding) { return finding.said_by.empty(); });
  if (unsaid > 0) return counted(static_cast<std::uint64_t>(unsaid), "surprise", "surprises");
  return "no surprise";
}

std::string bound_text(const Exploration& found) {
  if (!found.complete)
    return "  not complete: there are more situations than " + std::to_string(found.situations - 1) + "\n";
  if (!found.most_troubles) return "";
  return "  there are too many situations: only histories with at most " +
         counted(static_cast<std::uint64_t>(*found.most_troubles), "trouble", "troubles") + " were walked\n";
}

Json texts(const std::vector<std::string>& lines) {
  Json::Array list;
  for (const std::string& line : lines) list.emplace_back(line);
  return list;
}

Json most_troubles_of(const Exploration& found) {
  if (!found.most_troubles) return {};
  return *found.most_troubles;
}

Json finding_json(const Finding& finding) {
  Json::Object members;
  members.append("what", finding.what);
  members.append("said", !finding.said_by.empty());
  members.append("saidBy", finding.said_by);
  members.append("histories", finding.histories);
  members.append("stays", texts(finding.stays));
  members.append("story", texts(finding.story));
  return members;
}

}  // namespace

std::string exploration_text(const Exploration& found, const std::string& file) {
  std::string text = file + ": " + verdict_text(found) + "\n  " + histories(found.histories) + " over " +
                     counted(found.situations, "situation", "situations") + ", from " +
                     counted(found.inputs, "made-up input", "made-up inputs") + "\n";
  text += bound_text(found) + ends_text(found.ends);
  for (const std::string& fault : found.faults) text += "  fault: " + fault + "\n";
  for (const Finding& finding : found.findings) text += finding_text(finding);
  text += "  the longest history has " + counted(found.longest_events, "event", "events") + "\n" +
          story_text(found.longest);
  if (!found.not_reached.empty()) text += "  not reached: " + listed(found.not_reached) + "\n";
  for (const std::string& what : found.unmade) text += "  made-up values did not do: " + what + "\n";
  return text;
}

Json exploration_json(const Exploration& found, const std::string& file) {
  Json::Array ends, findings;
  for (const End& end : found.ends)
    ends.push_back(Json::object({{"end", end.text}, {"histories", end.histories}}));
  for (const Finding& finding : found.findings) findings.push_back(finding_json(finding));
  Json::Object members;
  members.append("file", file);
  members.append("definition", found.definition);
  members.append("surprises", found.surprises());
  members.append("inputs", found.inputs);
  members.append("histories", found.histories);
  members.append("situations", found.situations);
  members.append("complete", found.complete);
  members.append("mostTroubles", most_troubles_of(found));
  members.append("ends", Json(std::move(ends)));
  members.append("longest",
                 Json::object({{"events", found.longest_events}, {"story", texts(found.longest)}}));
  members.append("findings", Json(std::move(findings)));
  members.append("notReached", texts(found.not_reached));
  members.append("unmade", texts(found.unmade));
  members.append("faults", texts(found.faults));
  return members;
}

}  // namespace skald::sagas
