// RetentionThread: lets old sagas leave the log now and then (the settings `retain` and `retain-export`), on
// a thread and a connection of its own. Every node has one; the database lets only one of them work at a
// time, and what one has done the others find done.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/base/time.hpp"

namespace skald::api {

class RetentionThread {
 public:
  struct Settings {
    std::string database_url;
    Duration age{};         // how long sagas stay after their end
    std::string directory;  // where they are written to first; empty: nowhere
    Duration every{};       // looked for so often, and soon after the start
  };
  RetentionThread(Settings settings, prometheus::Registry& metrics);  // which outlives it
  ~RetentionThread();  // what is under way is stopped: then nothing has left

 private:
  void run();
  void let_leave();
  bool pause(Duration span);  // false: it has to end
  void work_in(std::optional<std::int32_t> session);

  Settings settings_;
  prometheus::Counter &sagas_, &events_, &failures_;
  prometheus::Gauge &locked_, &obstructed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false, over_ = false;
  std::optional<std::int32_t> session_;  // of the database, which is at work
  std::string told_;                     // the obstacle that was logged last
  std::thread thread_;
};

}  // namespace skald::api
