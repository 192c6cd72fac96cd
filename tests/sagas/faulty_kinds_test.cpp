// Faults of the kinds of steps beside http, of what may stand beside each of them, and of startOn and
// cancelOn.
#include "tests/sagas/faulty_rows.hpp"

namespace skald::sagas {
namespace {

// A saga of one step `a` with these lines, the first of them line 4, indented by four.
std::string one(const std::string& lines) {
  return with_steps("  - id: a\n    " + lines);
}

TEST_CASE("definition: faults of a task") {
  check({
      {one("task: { queue: q }\n    compensate: none"), {}},
      {one("task: q\n    compensate: none"), {"4:11: error: expected task (a map), found the text 'q'"}},
      {one("task: {}\n    compensate: none"), {"4:11: error: task needs 'queue'"}},
      {one("task: { queue: q, boddy: 1 }\n    compensate: none"),
       {"4:23: error: unknown key 'boddy' in task; did you mean \"body\"?"}},
      {one("task: { queue: \"q/${ .input.q }\" }\n    compensate: none"),
       {"4:20: error: 'q/${ .input.q }' cannot be the name of a queue; use letters"}},
      {one("task: { queue: q }"), {"3:5: error: the step 'a' does not say how it is undone"}},
      {one("task: { queue: q }\n    compensate: none\n    output: ${ .response.status }"),
       {"6:16: error: '.response' has no 'status'; known here: body"}},
      {one("task: { queue: q, body: \"${ .secrets.T }\" }\n    compensate: none"),
       {"4:33: error: '.secrets' is not known here; only the headers of a request see it"}},
      {one("task: { queue: q }\n    compensate: { task: { queue: q }, timeout: 5s, retry: { jitter: 0 } }\n"
           "    timeout: 1h\n    totalTimeout: 2h\n    retry: { maximumAttempts: 0 }"),
       {}},
  });
}

TEST_CASE("definition: faults of waitFor and wait") {
  check({
      {one("waitFor: { event: E, where: \"${ .event.data.id == .saga.id }\", timeout: 1d, onTimeout: "
           "continue }"),
       {}},
      {one("waitFor: E"), {"4:14: error: expected waitFor (a map), found the text 'E'"}},
      {one("waitFor: { where: \"${ .event.data }\" }"), {"4:14: error: waitFor needs 'event'"}},
      {one("waitFor: { event: \"${ .input.e }\" }"),
       {"4:23: error: '${ .input.e }' cannot be the name of an event; use letters"}},
      {one("waitFor: { event: E }\n    timeout: 1h"),
       {"5:5: error: 'timeout' has no meaning beside a waitFor; write it inside: waitFor: { event: …, "
        "timeout: … }"}},
      {one("waitFor: { event: E, onTimeout: continue }"),
       {"4:26: error: onTimeout has no meaning where nothing times out; give a timeout, or remove it"}},
      {one("waitFor: { event: E, timeout: 1h, onTimeout: skip }"),
       {"4:50: error: expected fail or continue"}},
      {one("waitFor: { event: E, where: .event.data.ok }"),
       {"4:33: error: this is no condition: it is never true or false; write ${ … }"}},
      {one("waitFor: { event: E, where: true }"), {"4:33: warning: this where fits every event; remove it"}},
      {one("waitFor: { event: E, where: \"${ 1 > 2 }\" }"),
       {"4:33: warning: this where fits no event; let it read .event"}},
      {one("waitFor: { event: E, where: \"${ .event.payload }\" }"),
       {"4:37: error: '.event' has no 'payload'; known here: name, data, time, id, source"}},
      {one("waitFor: { event: E, where: \"${ .response.body }\" }"),
       {"4:37: error: '.response' is not known here; only the output of an http or a task step sees it"}},
      {one("waitFor: { event: E }\n    output: ${ .event.data.x }"), {}},
      {one("waitFor: { event: E }\n    output: ${ .response.body }"),
       {"5:16: error: '.response' is not known here"}},
      {one("wait: 5s\n    compensate: { emit: { event: E } }"), {}},
      {one("wait: { until: \"${ .input.at }\" }"), {}},
      {one("wait: { until: \"2026-12-24T18:00:00Z\" }"), {}},
      {one("wait: { until: tomorrow }"),
       {"4:20: error: expected a time such as 2026-12-24T18:00:00Z, or an expression for one, found the text "
        "'tomorrow'"}},
      {one("wait: {}"), {"4:11: error: wait needs 'until'"}},
      {one("wait: { for: 5s }"),
       {"4:11: error: wait needs 'until'", "4:13: error: unknown key 'for' in wait"}},
      {one("wait: 5"), {"4:11: error: expected a duration like 5s, found the number 5; add a unit"}},
      {one("wait: ${ .input.seconds }"), {"4:11: error: expected a duration like 5s"}},
      {one("wait: 5s\n    totalTimeout: 1m"),
       {"5:5: error: 'totalTimeout' has no meaning beside a wait; remove it"}},
  });
}

TEST_CASE("definition: faults of saga, emit, set and fail") {
  check({
      {one("saga: { name: child, input: { a: \"${ .input }\" }, businessKey: \"${ .input.a }\" }"), {}},
      {one("saga: child"), {"4:11: error: expected saga (a map), found the text 'child'"}},
      {one("saga: { name: A Child }"), {"4:19: error: 'A Child' cannot be the name of a saga"}},
      {one("saga: { name: child }\n    retry: { maximumAttempts: 2 }"),
       {"5:5: error: 'retry' has no meaning beside a saga; the child's own definition says how long it may "
        "take"}},
      {one("saga: { name: child }\n    compensate: { saga: { name: undo } }"), {}},
      {one("saga: { name: child, businessKey: [a] }"),
       {"4:39: error: expected a text or an expression, found a list"}},
      {one("emit: { event: com.example.Done, key: \"${ .input.k }\", data: [1] }\n    compensate: none"), {}},
      {one("emit: { data: 1 }\n    compensate: none"), {"4:11: error: emit needs 'event'"}},
      {one("emit: { event: E }"), {"3:5: error: the step 'a' does not say how it is undone"}},
      {one("emit: { event: E }\n    compensate: { emit: { event: F }, timeout: 5s }"),
       {"5:39: error: 'timeout' has no meaning beside an emit; remove it"}},
      {one("emit: { event: E }\n    compensate: { emit: { event: F }, task: { queue: q } }"),
       {"5:19: error: an undo is one action, and this one is 'task' already"}},
      {one("set: { a: 1, b: \"${ .saga.id }\" }"), {}},
      {one("set: [1]"), {"4:10: error: expected a map of values, found a list"}},
      {one("set: { a: \"${ .event.data }\" }"), {"4:19: error: '.event' is not known here; only waitFor"}},
      {one("set: {}\n    output: ${ .response.body }"), {"5:16: error: '.response' is not known here"}},
      {one("set: {}\n    timeout: 1s\n    retry: {}"),
       {"5:5: error: 'timeout' has no meaning beside a set",
        "6:5: error: 'retry' has no meaning beside a set"}},
      {one("fail: { type: sold-out, title: Sold out, detail: \"${ .input.item } is gone\" }"), {}},
      {one("fail: Sold out"), {"4:11: error: expected fail (a map), found the text 'Sold out'"}},
      {one("fail: { status: 409 }"), {"4:13: error: unknown key 'status' in fail"}},
      {one("fail: {}\n    optional: true\n    pivot: true\n    compensate: none\n    output: 1"),
       {"5:5: error: a fail cannot be optional", "6:5: error: a fail cannot be the pivot",
        "7:5: error: a fail has no undo of its own", "8:5: error: a fail has no output"}},
  });
}

TEST_CASE("definition: faults of switch, parallel and forEach") {
  const std::string inner = "[{ id: b, set: {} }]";
  const auto beside = [&](const std::string& lines) {
    return one("parallel: { branches: { x: " + inner + " } }\n" + lines);
  };
  check({
      {one("switch: { when: true }"), {"4:13: error: expected a list of cases, found a map"}},
      {one("switch: []"), {"4:13: error: a switch has at least one case"}},
      {one("switch: [{ when: \"${ .input.x }\" }]"), {"4:14: error: a case needs 'steps'"}},
      {one("switch: [{ when: \"${ .input.x }\", steps: [] }]"),
       {"4:46: error: a case has at least one step"}},
      {one("switch: [{ steps: " + inner + " }, { steps: [{ id: c, set: {} }] }]"),
       {"4:14: error: this case has no 'when', so the cases after it are never reached; give it a when, or "
        "put it "
        "last"}},
      {one("switch: [{ when: .input.x, steps: " + inner + " }]"), {"4:22: error: this is no condition"}},
      {one("switch: [{ when: true, steps: " + inner + " }]"), {"4:22: warning: this case is always taken"}},
      {one("switch: [{ when: false, steps: " + inner + " }]"), {"4:22: warning: this case is never taken"}},
      {one("switch: [{ when: \"${ .steps.b.output }\", steps: " + inner + " }]"),
       {"4:26: error: the step 'b' is inside of the one that reads it, and comes later"}},
      {one("parallel: []"), {"4:15: error: expected parallel (a map), found a list"}},
      {one("parallel: {}"), {"4:15: error: parallel needs 'branches'"}},
      {one("parallel: { branches: {} }"), {"4:27: error: a parallel has at least one branch"}},
      {one("parallel: { branches: { x: { id: b } } }"),
       {"4:32: error: expected a list of steps, found a map"}},
      {one("parallel: { branches: { \"x y\": " + inner + " } }"),
       {"4:29: error: 'x y' cannot be the name of a branch"}},
      {one("forEach: {}"),
       {"4:14: error: forEach needs 'as'", "4:14: error: forEach needs 'in'",
        "4:14: error: forEach needs 'steps'"}},
      {one("forEach: { in: \"${ .input.l }\", as: a-b, steps: " + inner + " }"),
       {"4:41: error: 'a-b' cannot be the name of an item; use letters, digits and '_'"}},
      {one("forEach: { in: \"${ .input.l }\", as: i, maxConcurrency: 0, steps: " + inner + " }"),
       {"4:60: error: expected a whole number from 1 to 1000"}},
      {one("forEach: { in: .input.l, as: i, steps: " + inner + " }"),
       {"4:20: error: a forEach goes through a list, and this is none; write ${ … } for a list"}},
      {one("forEach: { in: \"${ 5 }\", as: i, steps: " + inner + " }"),
       {"4:20: error: a forEach goes through a list"}},
      {one("forEach: { in: [1, 2], as: i, steps: " + inner + " }"), {}},
      {beside(""), {}},
      {beside("    timeout: 5s"),
       {"5:5: error: 'timeout' has no meaning beside a parallel; give it to the steps inside"}},
      {beside("    optional: true"), {"5:5: error: a parallel cannot be optional; mark the steps inside"}},
      {beside("    pivot: true"),
       {"5:5: error: a parallel cannot be the pivot; mark a step before or after it"}},
      {beside("    compensate: none"),
       {"5:5: error: a parallel has no undo of its own; give it to the steps inside"}},
      {beside("    output: ${ .steps.b.output }"), {}},
      {one("switch: [{ steps: " + inner + " }]\n    pivot: true"),
       {"5:5: error: a switch cannot be the pivot; mark a step inside"}},
      {one("parallel: { branches: { x: " + inner + ", y: " + inner + " } }"),
       {"4:64: error: the id 'b' is taken by an earlier step; ids are unique in a file"}},
  });
}

TEST_CASE("definition: faults of startOn and cancelOn") {
  check({
      {with_top("startOn: { event: E, where: \"${ .event.data.ok }\", input: \"${ .event.data }\" }"), {}},
      {with_top("startOn: [{ event: E }, { event: F }]\ncancelOn: [{ event: G }]"), {}},
      {with_top("startOn: E"), {"2:10: error: expected startOn (a map), found the text 'E'"}},
      {with_top("startOn: []"), {"2:10: error: this list names no event; remove it"}},
      {with_top("startOn: { where: \"${ .event.data.ok }\" }"), {"2:10: error: startOn needs 'event'"}},
      {with_top("startOn: { event: E, until: end }"), {"2:22: error: unknown key 'until' in startOn"}},
      {with_top("startOn: { event: E, where: \"${ .input.x }\" }"),
       {"2:33: error: '.input' is not known here; startOn sees .event only: the saga is not there yet"}},
      {with_top("startOn: { event: E, where: .event.data.ok }"), {"2:29: error: this is no condition"}},
      {with_top("startOn: [{ event: E, where: true }]"), {"2:30: warning: this where fits every event"}},
      {with_top("cancelOn: { event: E, where: \"${ .event.data.id == .input.id }\", until: forever }"), {}},
      {with_top("cancelOn: { event: E, until: later }"),
       {"2:30: error: expected pivot, end, forever or never"}},
      {with_top("cancelOn: [{ event: E, where: false }]"), {"2:31: warning: this where fits no event"}},
      {with_top("cancelOn: { event: E, until: pivot }"),
       {"2:23: error: until: pivot, but no step is the pivot; mark a step with pivot: true, or say end"}},
      {with_top("cancelOn: { event: E, until: never }"),
       {"2:23: warning: this event never cancels; give it an until of its own"}},
      {with_top("cancelUntil: never\ncancelOn: { event: E }"),
       {"3:11: warning: this event never cancels: cancelUntil is never"}},
      {with_top("cancelOn: { event: E, where: \"${ .steps.a.output == .event.data }\" }"),
       {"2:34: warning: the step 'a' may not have run yet when the event comes; give a default with //"}},
      {with_top("cancelOn: { event: E, where: \"${ (.steps.a.output // 1) == .event.data }\" }"), {}},
      {with_top("cancelOn: { event: E, where: \"${ .error }\" }"),
       {"2:34: error: '.error' is not known here"}},
  });
}

}  // namespace
}  // namespace skald::sagas
