// Whole views over whole stories: the built-in ones, those of the systems, and those of examples.md.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "projections/builtin.hpp"
#include "sagas/catalog.hpp"
#include "tests/views/seen_log.hpp"

using namespace skald;
using namespace skald::views;
using namespace skald::views::testing;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string file(const std::string& path) {
  return text_of(SKALD_SOURCE_DIR "/" + path);
}

sagas::Catalog sagas_beside(const std::filesystem::path& view) {
  sagas::Catalog catalog;
  for (const auto& entry : std::filesystem::directory_iterator(view.parent_path())) {
    if (!entry.path().string().ends_with(".saga.yaml")) continue;
    auto loaded = sagas::load_definition(text_of(entry.path()), "saga", nullptr);
    REQUIRE(loaded.definition.has_value());
    catalog.add(std::move(*loaded.definition), "", {});
  }
  return catalog;
}

const View& builtin(const std::string& name) {
  for (const View& view : builtin_views())
    if (view.name() == name) return view;
  FAIL("no built-in view " << name);
  return builtin_views().front();
}

core::CompensationStarted undo_for(const std::string& type, const std::string& title) {
  core::CompensationStarted event;
  event.error = core::make_problem(type, "");
  event.error.title = title;
  return event;
}

struct Recruitment : SeenLog {
  const core::Definition& definition = define(file("sagas/systems/recruitment/recruitment.saga.yaml"));
  SagaId apply(const std::string& who) {
    const SagaId id = begin(definition, 1);
    tell(id, started(*parse_json(R"({"applicantId":")" + who +
                                 R"(","name":"Ann","age":30,"skill":"welding","job":"welder"})"),
                     who));
    return id;
  }
  void request(const SagaId& id, const std::string& step) { tell(id, core::StepRequested{step, "http", {}}); }
  void succeed(const SagaId& id, const std::string& step, const std::string& output = "null") {
    tell(id, core::StepSucceeded{step, 1, *parse_json(output), std::nullopt});
  }
};

std::string my_page(const Recruitment& log) {
  return table_of(view_of(file("sagas/systems/recruitment/recruitment-my-page.view.yaml")), log);
}
std::string row(const SagaId& id, const std::string& who, const std::string& rest) {
  return "applicationId=" + to_text(id) + " applicantId=" + who +
         " name=Ann age=30 skill=welding job=welder " + rest + "\n";
}

}  // namespace

TEST_CASE("recruitment: my page follows an application from taken to enrolled, and its cancel") {
  Recruitment log;
  const SagaId id = log.apply("ann");
  CHECK(my_page(log) == row(id, "ann", "status=applied"));
  log.succeed(id, "apply");
  log.succeed(id, "qualify", R"({"confirmYn":"Y"})");
  CHECK(my_page(log) == row(id, "ann", "qualification=Y status=qualified"));
  log.succeed(id, "enroll", R"({"id":"enrollment-1"})");
  log.tell(id, ended("completed"));
  CHECK(my_page(log) == row(id, "ann", "qualification=Y enrollmentId=enrollment-1 status=enrolled"));
  log.tell(id, undo_for("cancelled", "Cancelled"));
  log.tell(id, ended("cancelled", "done"));
  CHECK(my_page(log) ==
        row(id, "ann", "qualification=Y enrollmentId=enrollment-1 status=cancelled reason=Cancelled"));
}

TEST_CASE("recruitment: my page says why an application was rejected, and N only where somebody said so") {
  Recruitment log;
  const SagaId refused = log.apply("bob"), unasked = log.apply("kim");
  log.tell(refused, core::StepFailed{"qualify", 1, core::make_problem("not-qualified", ""), false, false});
  log.tell(refused, undo_for("not-qualified", "Not qualified"));
  log.tell(refused, ended("compensated", "done"));
  log.tell(unasked, core::StepFailed{"qualify", 1, core::make_problem("timeout", ""), true, false});
  log.tell(unasked, undo_for("timeout", "No answer in time"));
  log.tell(unasked, ended("compensated", "done"));
  const std::string page = my_page(log);
  CHECK(page.find(row(refused, "bob", "qualification=N status=rejected reason=Not qualified")) !=
        std::string::npos);
  CHECK(page.find(row(unasked, "kim", "status=rejected reason=No answer in time")) != std::string::npos);
}

TEST_CASE("systems: every view that comes with Skald loads, and names what the sagas beside it know") {
  std::size_t views = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKALD_SOURCE_DIR "/sagas/systems")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".view.yaml")) continue;
    CAPTURE(path);
    ++views;
    const sagas::Catalog known = sagas_beside(entry.path());
    const auto loaded = load_view(text_of(entry.path()), path, &known);
    CHECK(loaded.view.has_value());
    for (const auto& fault : loaded.faults) FAIL_CHECK(sagas::to_text(fault));
  }
  CHECK_GE(views, 8);
}

TEST_CASE("built-in views: they are there by name, ordered where rows come and go") {
  REQUIRE(builtin_views().size() == 3);
  CHECK(builtin("skald-sagas").ordered);
  CHECK(builtin("skald-in-flight").ordered);
  CHECK_FALSE(builtin("skald-days").ordered);
}

TEST_CASE("built-in views: skald-sagas shows every saga as the core says it stands") {
  Recruitment log;
  const SagaId id = log.apply("ann");
  const auto shows = [&](const std::string& part) {
    const std::string table = table_of(builtin("skald-sagas"), log);
    CHECK_MESSAGE(table.find(part) != std::string::npos, table);
  };
  shows("name=recruitment version=1 businessKey=ann status=running undo=none startedAt=2025-11-21T07:00:01Z");
  log.request(id, "apply");
  log.tell(id, core::StepWaiting{"apply", "circuit-open", std::nullopt});
  shows("status=waiting");
  log.tell(id, core::SagaPaused{"ann", ""});
  shows("status=paused");
  log.tell(id, core::SagaResumed{"ann", ""});
  log.tell(id, core::SagaStuck{"apply", core::Operation::Action, core::make_problem("timeout", "")});
  shows("status=stuck");
  log.tell(id, undo_for("cancelled", "Cancelled"));
  shows("status=compensating undo=running");
  log.tell(id, ended("cancelled", "done"));
  shows(
      "status=cancelled undo=done startedAt=2025-11-21T07:00:01Z updatedAt=2025-11-21T07:00:08Z "
      "endedAt=2025-11-21T07:00:08Z error=Cancelled");
  log.tell(id, undo_for("cancelled", "Again"));
  CHECK(table_of(builtin("skald-sagas"), log).find("endedAt") == std::string::npos);
}

TEST_CASE("built-in views: skald-in-flight has a row while a saga runs, with its steps and its trouble") {
  Recruitment log;
  const View& view = builtin("skald-in-flight");
  const SagaId id = log.apply("ann");
  CHECK(table_of(view, log).find("trouble") == std::string::npos);
  log.request(id, "apply");
  CHECK(table_of(view, log).find(R"(steps=[{"step":"apply","kind":"http","operation":"action")") !=
        std::string::npos);
  log.tell(id, core::AttemptFailed{"apply", core::Operation::Action, 1, core::make_problem("timeout", ""),
                                   true, kStart + std::chrono::hours(1)});
  CHECK(table_of(view, log).find("trouble=retrying") != std::string::npos);
  log.tell(id, core::StepFailed{"apply", 2, core::make_problem("timeout", ""), true, false});
  log.tell(id, core::SagaStuck{"apply", core::Operation::Action, core::make_problem("timeout", "")});
  CHECK(table_of(view, log).find("status=stuck trouble=stuck steps=[] error={\"type\":\"timeout\"") !=
        std::string::npos);
  log.tell(id, ended("failed"));
  CHECK(table_of(view, log) == "");
}

TEST_CASE("built-in views: skald-in-flight shows a completed saga again while it is undone") {
  Recruitment log;
  const SagaId id = log.apply("ann");
  log.tell(id, ended("completed"));
  log.tell(id, undo_for("cancelled", "Cancelled"));
  CHECK(table_of(builtin("skald-in-flight"), log).find("businessKey=ann status=compensating steps=[]") !=
        std::string::npos);
}

TEST_CASE("built-in views: skald-days counts how sagas end and how long they take, by the day of the event") {
  Recruitment log;
  for (int seconds : {2, 4}) {
    const SagaId id = log.apply("ann");
    log.tell(id, ended("completed"), std::chrono::seconds(seconds));
  }
  const SagaId late = log.apply("bob");
  log.tell(late, core::AttemptFailed{
                     "apply", core::Operation::Action, 1, core::make_problem("timeout", ""), true, {}});
  log.tell(late, ended("cancelled"), std::chrono::hours(24));
  CHECK(table_of(builtin("skald-days"), log) ==
        "name=recruitment day=2025-11-21 started=3 completed=2 compensated=0 cancelled=0 failed=0 stuck=0 "
        "failedAttempts=1 seconds=6.000000 shortest=2 longest=4\n"
        "name=recruitment day=2025-11-22 started=0 completed=0 compensated=0 cancelled=1 failed=0 stuck=0 "
        "failedAttempts=0 seconds=0\n");
}

TEST_CASE("built-in views: the README of their folder has every column of each") {
  const std::string page = file("projections/builtin/README.md");
  for (const View& view : builtin_views()) {
    const std::size_t begin = page.find("## " + view.name());
    REQUIRE(begin != std::string::npos);
    const std::string part = page.substr(begin, page.find("\n## ", begin) - begin);
    for (const auto& column : view.table.columns)
      CHECK_MESSAGE(part.find('`' + column.name + '`') != std::string::npos, column.name);
  }
}

TEST_CASE("examples: the views of examples.md load without a fault, one ordered and one not") {
  const View professor = view_of(R"yaml(view: professor-my-page
key: { applicationId: "${ .saga.id }" }                   # every rule's key, unless it has its own
columns: { applicationId: uuid, professorNo: text, courseNo: text, title: text, status: text, score: numeric }
indexes: [[professorNo]]
rules:
  - event: StepSucceeded
    saga: professor-application
    step: apply
    set:
      professorNo: ${ .input.professorNo }
      courseNo: ${ .input.courseNo }
      title: ${ .steps.course.output.title }
      status: applied
  - event: StepSucceeded
    saga: professor-application
    step: evaluate
    set: { status: evaluating }
  - event: EventReceived
    saga: professor-application
    name: ApplicationDecided
    if: ${ .event.data.applicationId == .saga.id }
    set:
      status: '${ if .event.data.successFlag then "confirmed" else "not-selected" end }'
      score: ${ .event.data.score }
  - event: EventReceived                                  # somebody else was confirmed
    saga: professor-application
    name: ApplicationDecided
    if: ${ .event.data.applicationId != .saga.id and .event.data.successFlag }
    set: { status: not-selected }
  - event: StepSucceeded                                  # who had the course before: its own saga has ended
    saga: confirmation
    step: assign
    if: ${ .event.output.replaced != null }
    key: { applicationId: "${ .event.output.replaced }" } # another saga's row: the latest by time wins
    set: { status: not-selected }
  - event: SagaEnded
    saga: professor-application
    if: ${ .event.status == "cancelled" }
    set: { status: '${ if .event.error.event == "CourseCancelled" then "cancelled" else "withdrawn" end }' }
)yaml");
  CHECK_FALSE(professor.ordered);
  const View schedule = view_of(R"yaml(view: schedule-page
key: { scheduleId: "${ .saga.businessKey }" }             # schedule, like, bookmark, review share it
columns: { scheduleId: uuid, hostId: text, title: text, place: text, status: text, likes: integer, bookmarks: integer, reviews: integer, latestReviews: jsonb }
indexes: [[hostId], [status]]
rules:
  - event: StepSucceeded
    saga: schedule
    step: register
    set: { hostId: "${ .input.hostId }", title: "${ .input.title }", place: "${ .input.place }", status: '${ if .input.open then "open" else "closed" end }' }
  - event: StepSucceeded
    saga: schedule-change
    step: change                                          # answers the whole course
    set: { title: "${ .event.output.title }", place: "${ .event.output.place }", status: '${ if .event.output.open then "open" else "closed" end }' }
  - { event: StepCompensated, saga: schedule, step: register, set: { status: deleted } }
  - { event: StepSucceeded, saga: like, step: like, add: { likes: 1 } }
  - { event: StepCompensated, saga: like, step: like, if: "${ .event.succeeded }", add: { likes: -1 } }
  - { event: StepSucceeded, saga: bookmark, step: bookmark, add: { bookmarks: 1 } }
  - { event: StepCompensated, saga: bookmark, step: bookmark, if: "${ .event.succeeded }", add: { bookmarks: -1 } }
  - event: SagaEnded
    saga: review
    if: ${ .event.status == "completed" }
    add: { reviews: 1 }
    append:
      column: latestReviews
      value: { guestId: "${ .input.guestId }", text: "${ .input.text }", stars: "${ .input.stars }", at: "${ .event.time }" }
      limit: 5
)yaml");
  CHECK(schedule.ordered);
}
