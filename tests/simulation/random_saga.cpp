#include "tests/simulation/random_saga.hpp"

namespace skald::simulation {
namespace {

constexpr int kDeepest = 2;             // containers inside of each other
constexpr std::size_t kMostSteps = 14;  // of a whole definition

enum class Kind { Http, Task, Emit, Saga, Set, Wait, WaitFor, Fail, Switch, Parallel, ForEach };

// Where in the saga a step stands: that decides what the soundness rules let it say.
struct Place {
  bool is_pivot = false;
  bool behind_pivot = false;
  bool may_be_undone = true;
  bool must_succeed = false;  // answerAfter names it
  int depth = 0;              // containers around it
};

template <class T, std::size_t N>
std::string one_of(Chance& chance, const T (&words)[N]) {
  return words[chance.below(N)];
}

std::string intervals(Chance& chance) {
  static const std::vector<std::string> kIntervals = {
      "initialInterval: 100ms, maximumInterval: 2s", "initialInterval: 1s, maximumInterval: 10s",
      "initialInterval: 20s, maximumInterval: 20s, jitter: 0",
      "initialInterval: 80s, maximumInterval: 80s"};  // long enough to be parked
  return kIntervals[chance.one_in(8) ? 3 : chance.below(3)];
}

std::string cancel_until(Chance& chance, bool has_pivot) {
  static const std::vector<std::string> kWords = {"end", "never", "forever", "forever", "pivot"};
  return chance.pick(has_pivot ? kWords : std::vector<std::string>(kWords.begin(), kWords.end() - 1));
}

// The text of a sequence of steps, with all that is inside of them.
class Steps {
 public:
  Steps(Chance& chance, const SagaTraits& traits) : chance_(chance), traits_(traits) {}

  std::string take() { return std::move(text_); }
  std::size_t count() const { return count_; }

  void add(Kind kind, const Place& place) {
    const std::string id = "s" + std::to_string(count_++);
    const bool container = kind >= Kind::Switch;
    line(place, "- id: " + id);
    if (kind == Kind::Fail)
      line(place, chance_.one_in(4) ? "  if: ${ .input.number > 3 }" : "  if: ${ .input.flag }");
    else if (chance_.one_in(6))
      line(place, chance_.one_in(5) ? "  if: \"${ 1 - \\\"a\\\" }\"" : "  if: ${ .input.flag }");
    declare(kind, place, id);
    if (!container && kind != Kind::Fail) mark(kind, place, id);
  }

  void add_inside(const Place& place) {
    const Kind kind = random_kind(place);
    add(kind, place);
  }

  Kind random_kind(const Place& place) {
    if (!traits_.all_kinds || place.behind_pivot) {
      const bool plain = !traits_.all_kinds || place.is_pivot || !chance_.one_in(4);
      return plain ? Kind::Http : chance_.one_in(2) ? Kind::Set : Kind::Wait;
    }
    if (place.is_pivot) return chance_.one_in(3) ? Kind::Task : Kind::Http;
    const bool room = place.depth < kDeepest && count_ + 4 < kMostSteps;
    switch (chance_.below(room ? 18 : 13)) {
      case 0:
      case 1:
      case 2: return Kind::Http;
      case 3:
      case 4:
      case 5: return Kind::Task;
      case 6:
      case 7: return Kind::Emit;
      case 8:
      case 9: return traits_.child.empty() ? Kind::Http : Kind::Saga;
      case 10: return Kind::Wait;
      case 11: return Kind::WaitFor;
      case 12: return chance_.one_in(3) ? Kind::Fail : Kind::Set;
      case 13: return Kind::Switch;
      case 14:
      case 15: return Kind::Parallel;
      default: return Kind::ForEach;
    }
  }

 private:
  void line(const Place& place, const std::string& words) {
    text_ += "\n" + std::string(2 + 6 * static_cast<std::size_t>(place.depth), ' ') + words;
  }

  void declare(Kind kind, const Place& place, const std::string& id) {
    switch (kind) {
      case Kind::Http: return line(place, "  http: " + http("/do-" + id, place, false));
      case Kind::Task: return line(place, "  task: " + task(false));
      case Kind::Emit: return line(place, "  emit: " + emit());
      case Kind::Saga: return line(place, "  saga: " + child());
      case Kind::Set: return line(place, "  set: { n: \"${ .input.number }\" }");
      case Kind::Wait:
        return line(place, "  wait: " + std::string(chance_.one_in(10)  ? "70s"
                                                    : chance_.one_in(2) ? "3s"
                                                                        : "200ms"));
      case Kind::WaitFor: return line(place, "  waitFor: " + wait_for());
      case Kind::Fail: return line(place, "  fail: { type: sold-out, title: Sold out }");
      case Kind::Switch: return cases(place);
      case Kind::Parallel: return branches(place);
      case Kind::ForEach: return items(place, id);
    }
  }

  // --- what a step does, or its undo

  std::string http(const std::string& path, const Place& place, bool in_undo) {
    std::string body;
    if (chance_.one_in(12))
      body = ", body: \"${ .input.number + \\\"text\\\" }\"";  // fails whenever it is rendered
    // Beside other steps it would not name the same request at every attempt.
    else if (chance_.one_in(2) && place.depth == 0)
      body = ", body: { id: \"${ .saga.id }\", steps: \"${ .steps }\" }";
    else if (in_undo)
      body = ", body: { why: \"${ .error }\" }";
    const char* service = chance_.one_in(2) ? "left" : "right";
    return "{ service: " + std::string(service) + ", method: POST, path: \"" + path + "/${ .saga.id }\"" +
           body + " }";
  }
  std::string task(bool in_undo) {
    const char* body = in_undo ? "{ why: \"${ .error }\" }" : "{ id: \"${ .saga.id }\" }";
    return "{ queue: " + one_of(chance_, kQueues) + ", body: " + body + " }";
  }
  std::string emit() {
    const bool begins = !traits_.listens && chance_.one_in(3);
    const std::string event = begins ? kBegins : one_of(chance_, kEvents);
    const char* key = chance_.one_in(2) ? ", key: \"${ .input.key }\"" : chance_.one_in(2) ? ", key: k1" : "";
    return "{ event: " + event + std::string(key) + ", data: \"${ .input }\" }";
  }
  std::string child() {
    const char* key = chance_.one_in(3) ? ", businessKey: \"${ .input.key }\"" : "";
    return "{ name: " + traits_.child + ", input: \"${ .input }\"" + key + " }";
  }
  std::string wait_for() {
    std::string text = "{ event: " + one_of(chance_, kEvents);
    if (chance_.one_in(4)) text += ", where: \"${ .event.data.number > 2 }\"";
    if (!chance_.one_in(3)) {
      text += std::string(", timeout: ") + (chance_.one_in(8) ? "70s" : "4s");
      if (chance_.one_in(2)) text += ", onTimeout: continue";
    }
    return text + " }";
  }

  void cases(const Place& place) {
    line(place, "  switch:");
    line(place, "    - when: ${ .input.flag }");
    sequence(place, "      steps:");
    if (chance_.one_in(3)) return;
    line(place, "    - steps:");
    sequence(place, "");
  }
  void branches(const Place& place) {
    line(place, "  parallel:");
    line(place, "    branches:");
    for (std::size_t i = 0, n = chance_.between(std::size_t{2}, 3); i < n; ++i)
      sequence(place, "      b" + std::to_string(i) + ":");
  }
  void items(const Place& place, const std::string& id) {
    const char* in = chance_.one_in(12)  ? "\"${ .input.number }\""  // no list
                     : chance_.one_in(8) ? "\"${ [] }\""
                                         : "\"${ [1, 2, 3, 4] }\"";
    line(place, "  forEach:");
    line(place, "    in: " + std::string(in));
    line(place, "    as: item" + id);
    line(place, "    maxConcurrency: " + std::to_string(chance_.between(std::size_t{1}, 3)));
    sequence(place, "    steps:");
  }
  void sequence(const Place& around, const std::string& head) {
    if (!head.empty()) line(around, head);
    Place inside = around;
    ++inside.depth;
    inside.must_succeed = false;
    for (std::size_t i = 0, n = chance_.between(std::size_t{1}, 2); i < n; ++i) add_inside(inside);
  }

  // --- what stands beside it

  void mark(Kind kind, const Place& place, const std::string& id) {
    const bool tried_again = kind == Kind::Http || kind == Kind::Task;
    const bool optional = !place.is_pivot && !place.must_succeed && kind != Kind::Set && chance_.one_in(6);
    if (tried_again) effort(kind, place, optional);
    if (kind == Kind::Http && chance_.one_in(6))
      line(place,
           chance_.one_in(3) ? "  output: ${ .response.body.id + 1 }" : "  output: ${ .response.body.id }");
    if (place.is_pivot) line(place, "  pivot: true");
    if (optional) line(place, "  optional: true");
    if (!place.may_be_undone) return;
    const bool must_say = tried_again || kind == Kind::Emit;
    if (!must_say && !chance_.one_in(3)) return;
    if (chance_.one_in(6)) return line(place, "  compensate: none");
    undo(kind, place, id);
  }
  void effort(Kind kind, const Place& place, bool optional) {
    if (chance_.one_in(3)) line(place, kind == Kind::Task ? "  timeout: 6s" : "  timeout: 2s");
    const bool without_end = place.behind_pivot && !optional;
    if (!without_end && chance_.one_in(4)) line(place, "  totalTimeout: 30s");
    std::string retry = intervals(chance_);
    if (without_end)
      retry += ", maximumAttempts: 0";
    else if (chance_.one_in(2))
      retry += ", maximumAttempts: " + std::to_string(chance_.below(4));
    if (chance_.one_in(6))
      retry += chance_.one_in(2) ? ", nonRetryableErrors: [timeout]" : ", nonRetryableErrors: [unreachable]";
    if (!place.behind_pivot && chance_.one_in(8)) retry += ", onExhausted: stuck";
    line(place, "  retry: { " + retry + " }");
  }
  void undo(Kind kind, const Place& place, const std::string& id) {
    line(place, "  compensate:");
    const bool at_a_service = kind == Kind::Http || kind == Kind::Task;
    const std::uint64_t choice = traits_.all_kinds ? chance_.below(8) : 7;
    if (choice == 0 || (kind == Kind::Task && choice < 6))
      line(place, "    task: " + task(true));
    else if (!at_a_service && choice < 3)
      return line(place, "    emit: " + emit());
    else if (!at_a_service && choice == 3 && !traits_.child.empty())
      return line(place, "    saga: " + child());
    else
      line(place, "    http: " + http("/undo-" + id, place, true));
    if (chance_.one_in(3)) line(place, "    timeout: 2s");
    const std::string limit = chance_.one_in(3) ? ", maximumAttempts: 3" : "";
    line(place, "    retry: { " + intervals(chance_) + limit + " }");
  }

  Chance& chance_;
  const SagaTraits& traits_;
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace

std::string random_saga(Chance& chance, const std::string& name, const SagaTraits& traits) {
  const std::size_t steps = chance.between(std::size_t{1}, traits.all_kinds ? 4 : 5);
  const std::size_t pivot = chance.one_in(3) ? chance.below(steps) : steps;
  const std::string until = cancel_until(chance, pivot < steps);
  // The caller of a start waits for steps that come to their end by themselves.
  const std::size_t answer_after =
      chance.one_in(2) ? chance.below(traits.all_kinds ? std::size_t{1} : steps) : steps;

  std::string text = "saga: " + name;
  if (chance.one_in(2)) text += "\nbusinessKey: ${ .input.key }";
  if (traits.listens) text += std::string("\nstartOn: { event: ") + kBegins + " }";
  if (traits.all_kinds && chance.one_in(3)) {
    text += "\ncancelOn: { event: Closed";
    if (chance.one_in(3)) text += ", where: \"${ .event.data.number > 4 }\"";
    if (chance.one_in(2)) text += chance.one_in(2) ? ", until: forever" : ", until: end";
    text += " }";
  }
  if (chance.one_in(3)) text += traits.all_kinds ? "\ntimeout: 100s" : "\ntimeout: 40s";
  text += "\ncancelUntil: " + until;
  text += std::string("\ncompensation: { order: ") + (chance.one_in(3) ? "parallel" : "reverse") +
          ", onFailure: " + (chance.one_in(2) ? "continue" : "stuck") + " }";

  Steps all(chance, traits);
  std::string answer_id;
  for (std::size_t i = 0; i < steps; ++i) {
    Place place;
    place.is_pivot = i == pivot;
    place.behind_pivot = i > pivot;
    place.may_be_undone = until == "forever" || i < pivot;
    place.must_succeed = i == answer_after;
    if (place.must_succeed) answer_id = "s" + std::to_string(all.count());
    all.add(place.must_succeed ? Kind::Http : all.random_kind(place), place);
  }
  if (!answer_id.empty()) text += "\nanswerAfter: " + answer_id;
  text += "\nsteps:" + all.take();
  if (chance.one_in(10)) text += "\noutput: ${ .steps.s0.output + 1 }";
  return text + "\n";
}

}  // namespace skald::simulation
