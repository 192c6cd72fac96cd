#include "engine/base/failpoint.hpp"

#ifdef SKALD_FAILPOINTS

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/check.hpp"
#include "engine/base/time.hpp"

namespace skald::failpoint {
namespace {

// The counts lie in a mapped file, so they survive a SIGKILL: a name, padded with zeros, and how often it was
// passed; the name with a '!', and how often its action was taken.
struct Slot {
  char name[56];
  std::atomic<std::uint64_t> passes;
};
static_assert(sizeof(Slot) == 64, "tests/faults/failpoints.py reads it as 56 bytes and a number of 64 bits");
constexpr std::size_t kSlots = 512;

struct Action {
  enum class Kind { Kill, Stop, Delay, Error };
  Kind kind = Kind::Kill;
  Duration delay{};
  std::optional<std::uint64_t> at_pass;  // none: at each
};

struct Point {
  std::optional<Action> action;
  std::uint64_t passes = 0;
  Slot* slot = nullptr;
};

// "kill@3", "delay(200ms)".
Action action_from(std::string_view text) {
  Action action;
  if (const auto at = text.find('@'); at != text.npos) {
    action.at_pass = std::stoull(std::string(text.substr(at + 1)));
    text = text.substr(0, at);
  }
  if (text == "kill") {
    action.kind = Action::Kind::Kill;
  } else if (text == "stop") {
    action.kind = Action::Kind::Stop;
  } else if (text == "error") {
    action.kind = Action::Kind::Error;
  } else {
    CHECK_THAT(text.starts_with("delay(") && text.ends_with(")"),
               "SKALD_FAILPOINTS: kill, stop, error or delay(TIME)");
    action.kind = Action::Kind::Delay;
    action.delay = parse_duration(text.substr(6, text.size() - 7)).value();
  }
  return action;
}

class Points {
 public:
  Points() {
    read_actions(std::getenv("SKALD_FAILPOINTS"));
    map_counts(std::getenv("SKALD_FAILPOINTS_COUNTS"));
  }

  // What is to be done now.
  std::optional<Action> pass(std::string_view name) {
    const std::lock_guard lock(mutex_);
    Point& point = points_[std::string(name)];
    if (point.slot == nullptr) point.slot = slot_of(name);
    count(point.slot);
    ++point.passes;
    if (!point.action || point.action->at_pass.value_or(point.passes) != point.passes) return std::nullopt;
    count(slot_of(std::string(name) + '!'));
    return point.action;
  }

 private:
  void read_actions(const char* text) {
    for (std::string_view rest = text == nullptr ? "" : text; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      const auto equals = one.find('=');
      CHECK_THAT(equals != one.npos, "SKALD_FAILPOINTS is a list of name=action, separated by ';'");
      points_[std::string(one.substr(0, equals))].action = action_from(one.substr(equals + 1));
    }
  }

  void map_counts(const char* file) {
    if (file == nullptr) return;
    const int descriptor = ::open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    CHECK_THAT(descriptor >= 0 && ::ftruncate(descriptor, kSlots * sizeof(Slot)) == 0,
               "SKALD_FAILPOINTS_COUNTS must name a file that can be written");
    void* mapped = ::mmap(nullptr, kSlots * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    CHECK_THAT(mapped != MAP_FAILED, "the counts of the failpoints can be mapped");
    ::close(descriptor);
    slots_ = static_cast<Slot*>(mapped);
  }

  static void count(Slot* slot) {
    if (slot != nullptr) ++slot->passes;
  }

  Slot* slot_of(std::string_view name) {
    if (slots_ == nullptr) return nullptr;
    CHECK_THAT(name.size() < sizeof(Slot::name), "the name of a failpoint fits its slot");
    for (Slot* slot = slots_; slot != slots_ + kSlots; ++slot) {
      if (slot->name == name) return slot;
      if (slot->name[0] != '\0') continue;
      std::memcpy(slot->name, name.data(), name.size());
      return slot;
    }
    return nullptr;
  }

  std::mutex mutex_;
  std::map<std::string, Point, std::less<>> points_;
  Slot* slots_ = nullptr;
};

}  // namespace

bool pass(std::string_view name) {
  static Points points;
  const auto action = points.pass(name);
  if (!action) return false;
  switch (action->kind) {
    case Action::Kind::Kill: ::raise(SIGKILL); break;
    case Action::Kind::Stop: ::raise(SIGSTOP); break;
    case Action::Kind::Delay: std::this_thread::sleep_for(action->delay); break;
    case Action::Kind::Error: return true;
  }
  return false;
}

}  // namespace skald::failpoint

#endif
