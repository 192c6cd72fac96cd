// Soundness across sequences: what is seen from inside, from beside and from after, where the pivot may
// stand, what is never reached, and what the start waits for.
#include "tests/sagas/faulty_rows.hpp"

namespace skald::sagas {
namespace {

// A step of one line, for sequences in brackets.
std::string set(const std::string& id, const std::string& expression = "1") {
  return "{ id: " + id + ", set: { v: \"${ " + expression + " }\" } }";
}
std::string undone(const std::string& id, const std::string& expression) {
  return "{ id: " + id + ", set: {}, compensate: { emit: { event: E, data: \"${ " + expression + " }\" } } }";
}

// One step a line, from line 3 on.
std::string lines(const std::vector<std::string>& steps) {
  std::string text = "saga: x\nsteps:\n";
  for (const std::string& step : steps) text += "  - " + step + "\n";
  return text;
}

std::string both(const std::string& left, const std::string& right, const std::string& more = "") {
  return "{ id: both, parallel: { branches: { l: [" + left + "], r: [" + right + "] } }" + more + " }";
}
std::string either(const std::string& first, const std::string& second) {
  return "{ id: either, switch: [{ when: \"${ .input.x }\", steps: [" + first + "] }, { steps: [" + second +
         "] }] }";
}
std::string each(const std::string& steps, const std::string& more = "") {
  return "{ id: each, forEach: { in: \"${ .input.lines }\", as: line, steps: [" + steps + "] }" + more + " }";
}

TEST_CASE("definition: a step sees what comes before it, in its sequence and in those around it") {
  check({
      {lines({set("a"), both(set("b", ".steps.a.output"), set("c"))}), {}},
      {lines({both(set("b") + ", " + set("d", ".steps.b.output"), set("c"))}), {}},
      {lines({both(set("b"), set("c")), set("d", ".steps.b.output")}), {}},
      {lines({either(set("b"), set("c")), set("d", ".steps.b.output // .steps.c.output")}), {}},
      {lines({each(set("b", ".line.id") + ", " + set("c", ".steps.b.output"))}), {}},
      {lines({each(set("b")), set("c", ".steps.each.output")}), {}},
      {lines({both(set("b"), set("c")), set("d", ".steps.both.output")}),
       {"4:28: warning: the step 'both' declares no output, so this is always null; give it an output, or "
        "read"}},
      {lines({both(set("b"), set("c"), ", output: 1"), set("d", "[.steps.both.output, .steps.both.status]")}),
       {}},
      {lines({both(set("b"), set("c", ".steps.b.output"))}),
       {"3:106: error: the step 'b' is in another branch, which runs at the same time; read it after the "
        "parallel"}},
      {lines({either(set("b"), set("c", ".steps.b.status"))}),
       {"3:130: error: the step 'b' is in another case, which runs instead of this one"}},
      {lines({each(set("b")), set("c", ".steps.b.output")}),
       {"4:28: error: the step 'b' is inside of a forEach: there is one for each item; read the forEach"}},
      {lines({each(set("b")), both(set("c"), set("d", "[.steps.b]"))}),
       {"4:107: error: the step 'b' is inside of a forEach"}},
      {lines({each(set("b"), ", output: \"${ .steps.b.output }\"")}),
       {"3:119: error: the step 'b' is inside of a forEach"}},
      {lines({both(set("b", ".steps.both.output"), set("c"))}),
       {"3:68: error: the step 'both' is done after what it holds, and this is inside of it"}},
      {lines({both(set("b", ".steps.z.output"), set("c")), set("z")}),
       {"3:68: error: the step 'z' comes later"}},
      {lines({set("c", ".line.id"), each(set("b"))}),
       {"3:28: error: '.line' is not known here; only the steps inside of the forEach 'each' see it"}},
      {lines({each(set("b"), ", if: \"${ .line.id }\"")}), {"3:115: error: '.line' is not known here"}},
      {lines({each(set("b")), set("c")}) + "output: ${ .steps.b.output }\n",
       {"5:12: error: the step 'b' is inside of a forEach"}},
      {lines({both(set("b"), set("c"))}) + "output: ${ .steps.b.output }\n", {}},
  });
}

TEST_CASE("definition: an item's name hides nothing") {
  const auto named = [](const std::string& as, const std::string& steps) {
    return lines({"{ id: e, forEach: { in: \"${ .input.l }\", as: " + as + ", steps: [" + steps + "] } }"});
  };
  check({
      {named("input", set("b")),
       {"3:50: error: 'input' would hide what expressions read as .input; give the item another name"}},
      {named("error", set("b")), {"3:50: error: 'error' would hide"}},
      {named("line", each(set("b"))),
       {"3:116: error: 'line' would hide the item of the forEach around this one; give the item another "
        "name"}},
      {named("order", each(set("b", ".order.id + .line.id"))), {}},
  });
}

TEST_CASE("definition: an undo reads what exists whichever way was taken") {
  check({
      {lines({set("a"), both(undone("b", ".steps.a.output"), set("c"))}), {}},
      {lines({each(set("a") + ", " + undone("b", "[.line, .steps.a.output]"))}), {}},
      {lines({either(set("a") + ", " + undone("b", ".steps.a.output"), set("c"))}), {}},
      {lines({undone("a", ".steps.a.output")}), {}},
      {lines({either(set("b"), set("c")), undone("d", ".steps.b.output")}),
       {"4:65: warning: this undo reads the step 'b', which may have been skipped; give a default with //"}},
      {lines({both(set("b"), set("c"), ", if: \"${ .input.x }\""), undone("d", ".steps.b.output")}),
       {"4:65: warning: this undo reads the step 'b', which may have been skipped"}},
      {lines({"{ id: w, waitFor: { event: E, timeout: 1h, onTimeout: continue } }",
              undone("d", ".steps.w.output")}),
       {"4:65: warning: this undo reads the step 'w', which may have ended without an event"}},
      {lines({both(set("b"), undone("c", ".steps.b.output"))}),
       {"3:143: error: this undo reads the step 'b', which is in another branch and may not have run"}},
      {lines({both(undone("c", ".steps.both.output"), set("b"))}),
       {"3:105: error: this undo reads the step 'both', which holds it and may not be done"}},
      {lines({either(set("b"), undone("c", ".steps.b.output"))}),
       {"3:167: error: this undo reads the step 'b', which is in another case and does not run beside it"}},
      {lines({each(set("b")), undone("c", ".steps.b.status")}),
       {"4:65: error: this undo reads the step 'b', which is inside of a forEach"}},
      {lines({"{ id: t, task: { queue: q }, compensate: { task: { queue: u, body: \"${ .steps.t.output }\" } "
              "} }"}),
       {"3:76: warning: this undo needs the answer of its own step"}},
  });
}

TEST_CASE(
    "definition: the pivot stands where it closes the way back for all, and nothing after it can fail") {
  const std::string pivot = "{ id: p, set: {}, pivot: true }";
  const std::string post = "http: { service: s, method: POST, path: /a }";
  check({
      {lines({both(pivot, set("b"))}),
       {"3:63: error: the pivot cannot be inside of a parallel; what runs beside it could no longer be "
        "undone: put "
        "it before or after 'both'"}},
      {lines({each(pivot)}), {"3:89: error: the pivot cannot be inside of a forEach"}},
      {lines({either(pivot, set("b"))}),
       {"3:79: warning: where this case is not taken, the way back stays open to the end"}},
      // The steps of the other case never run after the pivot.
      {lines({either(pivot, "{ id: b, " + post + ", retry: { maximumAttempts: 2 } }")}),
       {"3:79: warning: where this case", "3:107: error: the step 'b' does not say how it is undone"}},
      {lines({pivot, both("{ id: b, " + post + ", retry: { maximumAttempts: 2 } }", set("c"))}),
       {"4:100: error: 'b' stands after the pivot and gives up after 2 attempts"}},
      {lines({pivot, "{ id: b, task: { queue: q }, totalTimeout: 1h }"}),
       {"4:34: error: 'b' stands after the pivot and gives up after 1h"}},
      {lines({pivot, "{ id: b, waitFor: { event: E, timeout: 1h } }"}),
       {"4:35: error: 'b' stands after the pivot and fails after 1h; say onTimeout: continue, or make it "
        "optional"}},
      {lines({pivot, "{ id: b, waitFor: { event: E, timeout: 1h, onTimeout: continue } }"}), {}},
      {lines({pivot, "{ id: b, waitFor: { event: E, timeout: 1h }, optional: true }"}), {}},
      {lines({pivot, "{ id: b, if: \"${ .input.x }\", fail: { title: T } }"}),
       {"4:35: error: 'b' stands after the pivot, where nothing can be refused; decide before the pivot"}},
      {lines({pivot, undone("b", "1")}), {"4:23: error: a step after the pivot is never undone"}},
      {"cancelOn: { event: E, until: forever }\n" + lines({pivot, undone("b", "1")}), {}},
  });
}

TEST_CASE("definition: what stands behind a refusal is never reached") {
  const std::string fail = "{ id: f, fail: { title: T } }";
  const std::string fail_too = "{ id: g, fail: { title: T } }";
  check({
      {lines({fail, set("a"), set("b")}),
       {"4:5: warning: the step 'a' is never reached: 'f' before it always fails; remove it, or give the "
        "refusal an "
        "if"}},
      {lines({"{ id: f, if: \"${ .input.x }\", fail: { title: T } }", set("a")}), {}},
      {lines({either(fail, set("b")), set("a")}), {}},
      {lines({either(fail, fail_too), set("a")}),
       {"4:5: warning: the step 'a' is never reached: 'either' before it always fails"}},
      {lines({both(fail, set("b")), set("a")}),
       {"4:5: warning: the step 'a' is never reached: 'both' before it always fails"}},
      {lines({each(fail), set("a")}), {}},
      {lines({both(fail + ", " + set("b"), set("c"))}),
       {"3:76: warning: the step 'b' is never reached: 'f' before it always fails"}},
  });
}

TEST_CASE(
    "definition: a start waits for a step of the saga itself, and for nothing without an end before it") {
  const auto start = [](const std::string& after, const std::vector<std::string>& steps) {
    return "answerAfter: " + after + "\n" + lines(steps);
  };
  const std::string last = set("z");
  check({
      {start("b", {both(set("b"), set("c"))}),
       {"1:14: error: the answer cannot wait for 'b', which is inside of another step; name 'both', which "
        "holds it"}},
      {start("both", {both(set("b"), set("c"))}), {}},
      {start("z", {"{ id: w, waitFor: { event: E } }", last}),
       {"1:14: warning: the start may wait without end for 'w', which waits for an event without a timeout"}},
      {start("z", {"{ id: w, waitFor: { event: E, timeout: 10s } }", last}), {}},
      {start("z", {"{ id: t, task: { queue: q }, compensate: none }", last}),
       {"1:14: warning: the start may wait without end for 't', which waits for a worker; give it a "
        "totalTimeout"}},
      {start("z", {"{ id: t, task: { queue: q }, totalTimeout: 10s, compensate: none }", last}), {}},
      {start("z", {"{ id: s, saga: { name: child } }", last}),
       {"1:14: warning: the start may wait without end for 's', which waits for the end of a child"}},
      {start("z", {"{ id: w, wait: { until: \"${ .input.at }\" } }", last}),
       {"1:14: warning: the start may wait without end for 'w', which waits until a time"}},
      {start("z", {each(set("b")), last}),
       {"1:14: warning: the start may wait without end for 'each', which takes as long as its list is long"}},
      {start("z", {"{ id: w, wait: 31s }", last}),
       {"1:14: warning: the steps up to the answer can take 31s"}},
      {start("z", {both("{ id: v, wait: 20s }", "{ id: w, wait: 25s }"), last}), {}},
      {start("z", {either("{ id: v, wait: 20s }", "{ id: w, wait: 25s }, { id: u, wait: 6s }"), last}),
       {"1:14: warning: the steps up to the answer can take 31s"}},
      {start("z", {both(set("b"), "{ id: w, waitFor: { event: E } }"), last}),
       {"1:14: warning: the start may wait without end for 'w'"}},
      {start("z", {last, "{ id: w, waitFor: { event: E } }"}), {}},
  });
}

TEST_CASE("definition: steps inside of others count, and nest to a bound") {
  std::string branch;
  for (int i = 0; i < 999; ++i) branch += set("s" + std::to_string(i)) + ", ";
  CHECK(faults_of(lines({both(branch.substr(0, branch.size() - 2), "")})).size() == 1);  // the empty branch
  check({{lines({both(branch + set("last"), set("one-more"))}),
          {"3:3: error: a saga has at most 1000 steps, this one 1002; divide it into several sagas"}}});

  const auto nested = [](int depth) {
    std::string step = set("inner");
    for (int i = 0; i < depth; ++i)
      step = "{ id: s" + std::to_string(i) + ", switch: [{ steps: [" + step + "] }] }";
    return lines({step});
  };
  CHECK(faults_of(nested(8)).empty());
  const auto faults = faults_of(nested(9));
  REQUIRE_EQ(faults.size(), 1);
  CHECK_NE(faults[0].find("error: steps are nested at most 8 deep; make the inner ones a saga of their own"),
           std::string::npos);
}

}  // namespace
}  // namespace skald::sagas
