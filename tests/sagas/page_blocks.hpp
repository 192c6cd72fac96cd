// The examples of a page: its ```yaml blocks, as whole definitions, with the faults that a ```text block
// behind them tells.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace skald::sagas {

struct PageBlock {
  std::string info;    // what stands behind ```yaml
  std::string text;    // a whole file
  int added = 0;       // lines that were put before what the page shows
  std::string faults;  // one a line, without the file's name; lines count from the block's first
  bool services = false;
};

// Empty where there is no such file.
inline std::string page(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Pages show steps, or some lines of the top level: the rest of a file is added here.
inline void complete(PageBlock& block) {
  const auto has_line = [&](const std::string& key) {
    return ("\n" + block.text).find("\n" + key) != std::string::npos;
  };
  block.services = has_line("services:");
  if (block.services || has_line("saga:") || has_line("view:")) return;
  if (block.text.starts_with("- ")) {
    block.text = "saga: example\nsteps:\n" + block.text;
    block.added = 2;
    return;
  }
  block.text = "saga: example\n" + block.text;
  block.added = 1;
  if (!has_line("steps:")) block.text += "steps: [{ id: only, set: {} }]\n";
}

inline std::vector<PageBlock> page_blocks(const std::string& path) {
  std::vector<PageBlock> blocks;
  std::istringstream lines(page(path));
  std::string* target = nullptr;  // what the fence that is open fills
  bool behind_yaml = false;       // only empty lines since the end of a ```yaml block
  for (std::string line; std::getline(lines, line);) {
    const bool fence = line.starts_with("```");
    if (target != nullptr && !fence) {
      *target += line + '\n';
    } else if (target != nullptr) {
      behind_yaml = target == &blocks.back().text;
      target = nullptr;
    } else if (line.starts_with("```yaml")) {
      blocks.emplace_back().info = line.substr(7);
      target = &blocks.back().text;
    } else if (line == "```text" && behind_yaml) {
      target = &blocks.back().faults;
    } else if (!line.empty()) {
      behind_yaml = false;
    }
  }
  for (PageBlock& block : blocks) complete(block);
  return blocks;
}

}  // namespace skald::sagas
