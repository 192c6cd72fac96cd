// LaneName: which lane of which node a log is opened for. A lane takes the partitions p with
// p % lanes == lane, so the lanes of one node never ask for the same one.
#pragma once

#include <cstdint>
#include <string>

namespace skald::store {

struct LaneName {
  std::string node;       // configured; two running nodes never share one
  std::int32_t lane = 0;  // 0 … lanes−1
  std::int32_t lanes = 1;
};

}  // namespace skald::store
