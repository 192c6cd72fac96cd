// Definitions as texts, explored; ends as a map.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "sagas/definition_loader.hpp"
#include "sagas/explore/explore.hpp"

namespace skald::sagas {

// Warnings are as good as nothing.
inline core::Definition loaded(const std::string& yaml) {
  auto loaded = load_definition(yaml, "", nullptr);
  std::string faults;
  for (const Fault& fault : loaded.faults)
    if (!fault.warning) faults += to_text(fault) + "\n";
  REQUIRE_MESSAGE(loaded.definition.has_value(), faults);
  return std::move(*loaded.definition);
}

inline Exploration explored(const std::string& yaml) {
  Exploration found = explore(loaded(yaml));
  CHECK(found.faults.empty());
  CHECK(found.complete);
  return found;
}

using Ends = std::map<std::string, std::uint64_t>;

inline Ends ends_of(const Exploration& found) {
  Ends ends;
  for (const End& end : found.ends) ends[end.text] = end.histories;
  return ends;
}

// The finding whose sentence begins so; it is there.
inline Finding finding(const Exploration& found, const std::string& what) {
  for (const Finding& finding : found.findings)
    if (finding.what.starts_with(what)) return finding;
  FAIL("no finding begins with: " << what << "\n" << exploration_text(found, "file"));
  return {};
}

}  // namespace skald::sagas
